import { simpleParser } from 'mailparser';
import type { LocalSystem } from '../../support/local-system.ts';

/** What went out and what the history says of it, as short texts that compare and print well. */

/** The civil day in Madrid, by the runtime's own formatter: not by the product's time. */
export const madridDay = (at: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Madrid', dateStyle: 'short' }).format(new Date(at));

/** All mails accepted and letters handed over, `policy campaign step day` each, sorted; a copy stands twice. */
export const sentBy = async (system: LocalSystem): Promise<string[]> => {
  const items = [...(await system.mailbox()), ...(await system.printTray())];
  return items
    .flatMap(({ policyIds, campaign, step, at }) =>
      policyIds.map((policyNo) => `${policyNo} ${campaign} ${step} ${madridDay(at)}`),
    )
    .sort();
};

/** Queues of the dead that hold something. */
export const deadLettersOf = async (system: LocalSystem): Promise<string[]> =>
  Object.entries((await system.status()).deadLetters).flatMap(([name, count]) =>
    count > 0 ? [`${name} ${count}`] : [],
  );

interface Row {
  readonly row: string;
  readonly kind: string;
  readonly at: string;
  readonly policyIds: readonly string[];
  readonly campaign?: string;
  readonly step?: string;
  readonly channel?: string;
  readonly state?: string;
  readonly reason?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly asSent: boolean;
}

interface Task {
  readonly kind: string;
  readonly reason: string;
  readonly dueOn: string;
  readonly policyNo?: string;
  readonly slot?: string;
}

/** The history API as a member of staff sees it. */
export interface History {
  get<T>(path: string): Promise<T>;
  /** Our id of the policy's holder, found by the policy number. */
  customerOf(policyNo: string): Promise<string>;
  /** Everything in the holder's timeline, newest first. */
  timeline(policyNo: string): Promise<readonly Row[]>;
  /** What became of each message: `campaign step state reason`, sorted. */
  messages(policyNo: string): Promise<string[]>;
  /** Open tasks: `policy kind reason day`, sorted. */
  tasks(): Promise<string[]>;
  openTasks(): Promise<readonly Task[]>;
}

export const historyOf = (system: LocalSystem): History => {
  const ask = async <T>(path: string, body?: object): Promise<T> => {
    // for each request anew: a token's hour passes with every move of the clock
    const token = await system.signIn('marketing');
    const response = await system.fetch(path, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const all = async <T>(path: string): Promise<readonly T[]> => {
    const items: T[] = [];
    for (let after: string | undefined, more = true; more; more = after !== undefined) {
      const page: { items: T[]; next?: string } = await ask(
        `${path}?limit=50${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`,
      );
      items.push(...page.items);
      after = page.next;
    }
    return items;
  };
  const history: History = {
    get: (path) => ask(path),
    async customerOf(policyNo) {
      const { items } = await ask<{ items: { customer: { customerId: string } }[] }>('/api/search', { text: policyNo });
      const [found, ...others] = items;
      if (!found || others.length > 0) throw new Error(`search for ${policyNo} found ${items.length}`);
      return found.customer.customerId;
    },
    timeline: async (policyNo) => all(`/api/customers/${await history.customerOf(policyNo)}/timeline`),
    async messages(policyNo) {
      return (await history.timeline(policyNo))
        .filter(({ state, step }) => state !== undefined && step !== undefined)
        .map(({ campaign, step, state, reason }) => [campaign, step, state, reason].filter(Boolean).join(' '))
        .sort();
    },
    openTasks: () => all<Task>('/api/tasks'),
    async tasks() {
      return (await history.openTasks())
        .map(({ policyNo, kind, reason, dueOn }) => [policyNo ?? '-', kind, reason, dueOn].join(' '))
        .sort();
    },
  };
  return history;
};

/** The address of a page in a mail as it arrived: `/r/`, `/s/` or `/u/`. */
export const linkIn = async (system: LocalSystem, mailId: string, path: '/r/' | '/s/' | '/u/'): Promise<string> => {
  const { text = '' } = await simpleParser(await system.eml(mailId));
  const url = new RegExp(`https?://[^\\s"'<>]+${path}[A-Za-z0-9_-]+`).exec(text)?.[0];
  if (url === undefined) throw new Error(`mail ${mailId} has no link to ${path}: ${text}`);
  return url;
};

/** Posts a form as a browser does. */
export const post = (system: LocalSystem, url: string, form: Readonly<Record<string, string>>): Promise<Response> =>
  system.fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });

/** Logical id of a function that has run already, by the beginning of its name without hyphens: for fault rules. */
export const principalOf = async (system: LocalSystem, name: string): Promise<string> => {
  const { hops } = (await (await system.fetch('/local/trace')).json()) as { hops: { from: string; to: string }[] };
  const found = hops.flatMap(({ from, to }) => [from, to]).find((id) => id.startsWith(name));
  if (found === undefined) throw new Error(`${name} has not run yet`);
  return found;
};
