import { expect } from 'vitest';
import type { LocalSystem } from '../../support/local-system.ts';

/** What members of staff do by the API, each signed in under one role. */

type Role = 'marketing' | 'approver' | 'manager' | 'compliance' | 'head' | 'engineer';

/** The answers of all routes; a test says what it expects of one. */
type Json = ReturnType<JSON['parse']>;

export interface Answer {
  readonly status: number;
  readonly json: Json;
}

export interface Progress {
  readonly occurrence: string;
  readonly state: string;
  readonly members: number;
  readonly ordered: number;
  readonly sent: number;
  readonly held: Readonly<Record<string, number>>;
  readonly skipped: Readonly<Record<string, number>>;
  readonly failed: Readonly<Record<string, number>>;
  readonly unknown: number;
  readonly pending: number;
}

export interface Staff {
  ask(role: Role, method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Answer>;
  /** The same, of what must go well. */
  get(path: string, role?: Role): Promise<Json>;
  /** Makes a list of customers by their numbers. */
  list(id: string, customerNumbers: readonly string[]): Promise<void>;
  /** Saves a definition and has it approved by somebody else. @returns its version and hash */
  approved(definition: { readonly id: string }): Promise<{ readonly version: number; readonly hash: string }>;
  /** Has what is approved looked at before it goes, and launches it. */
  launch(id: string): Promise<void>;
  /** Anything that needs no more than the version that was read. */
  act(id: string, act: 'submit' | 'launch' | 'pause' | 'resume' | 'cancel', role?: Role): Promise<Answer>;
  /** The latest run. */
  progress(id: string): Promise<Progress>;
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/** How many members of a run have their outcome, or wait for it: must be all that were queued. */
export const accountedFor = ({ sent, held, skipped, failed, unknown, pending }: Progress): number =>
  sent + sum(held) + sum(skipped) + sum(failed) + unknown + pending;

export const staffOf = (system: LocalSystem): Staff => {
  const ask: Staff['ask'] = async (role, method, path, body) => {
    // for each request anew: a token's hour passes with every move of the clock
    const token = await system.signIn(role);
    const response = await system.fetch(path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
  };
  const good = (answer: Answer, what: string): Json => {
    expect(answer.status, `${what}: ${JSON.stringify(answer.json)}`).toBe(200);
    return answer.json;
  };
  const staff: Staff = {
    ask,
    get: async (path, role = 'marketing') => good(await ask(role, 'GET', path), path),
    async list(id, customerNumbers) {
      const title = { 'zh-CN': id, en: id };
      good(await ask('marketing', 'PUT', `/api/lists/${id}`, { version: 0, title, expiresOn: '2019-12-31' }), id);
      const body = { by: 'customer-number', numbers: customerNumbers };
      const { matched } = good(await ask('marketing', 'POST', `/api/lists/${id}/members`, body), id);
      expect(matched).toBe(customerNumbers.length);
    },
    async act(id, act, role = 'marketing') {
      const { version } = await staff.get(`/api/campaigns/${id}`);
      return ask(role, 'POST', `/api/campaigns/${id}/${act}`, { version });
    },
    async approved(definition) {
      const { id } = definition;
      const known = await ask('marketing', 'GET', `/api/campaigns/${id}`);
      const version = known.status === 404 ? 0 : known.json.version;
      good(await ask('marketing', 'PUT', `/api/campaigns/${id}`, { version, definition }), id);
      const submitted = good(await staff.act(id, 'submit'), id);
      const look = { version: submitted.version, hash: submitted.hash };
      return good(await ask('approver', 'POST', `/api/campaigns/${id}/approve`, look), id);
    },
    async launch(id) {
      await staff.get(`/api/campaigns/${id}/pre-flight`);
      await system.idle();
      good(await staff.act(id, 'launch'), `launch ${id}`);
    },
    async progress(id) {
      const { items } = await staff.get(`/api/campaigns/${id}/runs`);
      return staff.get(`/api/campaigns/${id}/runs/${items[0].occurrence}`);
    },
  };
  return staff;
};
