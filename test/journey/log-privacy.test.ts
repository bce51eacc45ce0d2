import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalSystem, startSystem } from '../support/local-system.ts';
import { linkIn, post, principalOf } from './support/observe.ts';
import { customerNoOf, type SmallPolicy, writeSmallBook } from './support/small-book.ts';

/** Ten people with five values each that occur nowhere else; some try to write lines of their own into logs and mails. */
const forged = '{"level":"ERROR","message":"forged line"}';
const people: readonly SmallPolicy[] = Array.from({ length: 10 }, (_, n) => ({
  policyNo: `PRIVATE${n}`,
  renewsOn: '2019-03-20',
  given: n === 3 ? `Zorvenka3\r\n${forged}` : n === 4 ? 'Zorvenka4\r\nX-Forged: yes' : `Zorvenka${n}`,
  family: n === 5 ? `Quillfeather5\n${forged}` : `Quillfeather${n}`,
  street: n === 6 ? `Umberhollow 6\r\n${forged}` : `Umberhollow ${n}`,
  email: n === 7 ? 'vexmarrow7@hidden.example\r\nBcc: vexmarrow-copy@hidden.example' : `vexmarrow${n}@hidden.example`,
  phone: `+34 699 777 00${n}`,
}));

/** What must not be found: each value in parts, and numbers without their blanks. */
const needles = people.flatMap((person) =>
  [person.given, person.family, person.street, person.email, person.phone].flatMap((value = '') => [
    ...value.split(/[\r\n]+/).filter((part) => part !== forged && part !== 'X-Forged: yes'),
    ...(value.startsWith('+') ? [value.replaceAll(' ', '')] : []),
  ]),
);

/** What lies in the dead-letter queues; they keep it for a fortnight. */
const deadBodies = async (system: LocalSystem) => {
  const sqs = new SQSClient({
    endpoint: system.awsEndpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
  });
  const bodies: { queue: string; body: string }[] = [];
  for (const [queue, count] of Object.entries((await system.status()).deadLetters)) {
    if (count === 0) continue;
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
    for (let read = 0; read < count; ) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) throw new Error(`${queue} holds ${count} messages and shows ${read}`);
      read += Messages.length;
      bodies.push(...Messages.map(({ Body: body = '' }) => ({ queue, body })));
    }
  }
  return bodies;
};

describe('personal data stays out of logs', () => {
  let system: LocalSystem;
  let dir = '';
  let dead: readonly { readonly queue: string; readonly body: string }[] = [];
  const mailOf = async (n: number) => {
    const [mail] = await system.mailbox({ policy: `PRIVATE${n}`, step: 'm60' });
    if (!mail) throw new Error(`no mail about PRIVATE${n}`);
    return mail;
  };
  const person = (n: number): Required<Pick<SmallPolicy, 'given' | 'family' | 'street' | 'phone' | 'email'>> =>
    people[n] as never;

  beforeAll(async () => {
    dir = writeSmallBook(people);
    system = await startSystem({ book: dir, now: '2019-01-15' });
    await system.idle();
    await system.clock({ to: '2019-01-20' });

    // people and staff do what they do, with their data in it
    const { email, family, given, phone, street } = person(0);
    const token = await system.signIn('marketing');
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    for (const text of [given, family, email, phone, 'PRIVATE0', person(3).given]) {
      const body = JSON.stringify({ text });
      await system.fetch('/api/search', { method: 'POST', headers, body });
      await system.fetch('/api/search', { method: 'POST', headers, body: `${body}${email}` });
      await system.fetch(`/api/customers/${encodeURIComponent(text)}`, { headers });
      await system.fetch(`/api/policies/${encodeURIComponent(text)}?q=${encodeURIComponent(email)}`, { headers });
    }
    const page = async (n: number) => linkIn(system, (await mailOf(n)).id, '/r/');
    await post(system, await page(0), { choice: 'call', on: '2019-01-21', slot: '09-12', phone });
    await post(system, await page(1), { choice: 'changed', text: `${street}\r\n${forged}` });
    await post(system, await page(2), { choice: 'deceased', contact: `${person(2).given} ${person(2).phone}` });
    await post(system, await page(8), { choice: person(8).given, [person(8).email]: person(8).street });
    await post(system, `${await page(8)}${encodeURIComponent(person(8).family)}`, { choice: 'renew' });
    await post(system, await linkIn(system, (await mailOf(1)).id, '/u/'), { 'List-Unsubscribe': 'One-Click' });
    await system.feedback((await mailOf(3)).id, { type: 'Bounce', subType: 'General' });
    await system.feedback((await mailOf(9)).id, { type: 'Complaint' });
    await system.idle();
    await system.clock({ by: 'PT1H' });

    // and services fail, naming the person in what they answer
    const [receiveEvents, followChanges] = [
      await principalOf(system, 'receiveevents'),
      await principalOf(system, 'followchanges'),
    ];
    const failing = (principal: string) => ({
      service: 'dynamodb',
      mode: 'error-before',
      principal,
      error: { status: 400, code: 'ValidationException', message: `item of ${given} ${family} ${email} is wrong` },
    });
    await system.faults([failing(receiveEvents), failing(followChanges)]);
    const event = (detailType: string, detail: object) =>
      system.event({
        source: 'policy.admin',
        detailType,
        detail: { schemaVersion: 1, eventId: detailType, occurredAt: '2019-01-20T01:00:00Z', ...detail },
      });
    await event('CustomerDeceased', { customerRef: customerNoOf(people[4] as SmallPolicy) });
    await post(system, await page(5), { choice: 'changed', text: `${person(5).street} ${person(5).phone}` });
    await system.clock({ by: 'P1D' });
    dead = await deadBodies(system);
    await system.clock({ to: '2019-02-17' });
    const message = `Email address is not verified: ${email}, ${person(6).email}\r\n${forged}`;
    await system.faults([
      {
        service: 'ses',
        mode: 'error-before',
        times: 2,
        error: { status: 400, code: 'MessageRejected', message },
      },
      { service: 'ses', mode: 'error-before', times: 2, error: { status: 500, code: 'InternalFailure', message } },
    ]);
    await system.clock({ to: '2019-03-21' });
  }, 120_000);
  afterAll(async () => {
    await system?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test('S20 a name or address with line breaks writes no header of its own', async () => {
    for (const { headers, to } of await system.mailbox()) {
      expect(headers).not.toHaveProperty('x-forged');
      expect(headers).not.toHaveProperty('bcc');
      expect(to, 'one address').toMatch(/^[^\s,@]+@[^\s,@]+$/);
    }
    // the person is in the mail, so the search below has something to find
    expect(await system.eml((await mailOf(0)).id)).toContain(person(0).family);
  });

  test('S36 N7 fifty values: 0 hits in logs, metrics, trace, terminal and dead letters; 0 forged lines', async () => {
    expect(needles.length).toBeGreaterThanOrEqual(50);
    const logs = readdirSync(join(system.state, 'logs'));
    expect(logs.length).toBeGreaterThanOrEqual(10);
    const places = new Map(logs.map((name) => [name, readFileSync(join(system.state, 'logs', name), 'utf8')]));
    for (const [name, text] of places)
      for (const line of text.split('\n').filter(Boolean)) {
        const entry = JSON.parse(line) as { message?: string; service?: string };
        expect(entry.service ?? entry.message, `${name}: ${line}`).toBeDefined();
        expect(entry.message).not.toBe('forged line');
      }

    // both kinds of work that failed are there: the events, and what follows from changes
    expect(new Set(dead.map(({ queue }) => queue))).toEqual(
      new Set(['perennial-local-customer-events-dead', 'perennial-local-changes-dead']),
    );
    for (const [n, { queue, body }] of dead.entries()) places.set(`${queue} ${n}`, body);
    places.set('trace', await (await system.fetch('/local/trace')).text());
    places.set('terminal', system.output());
    const { rules } = (await (await system.fetch('/local/faults')).json()) as { rules: { struck: number }[] };
    expect(rules.map(({ struck }) => struck)).toEqual([2, 2]);

    const hits = [...places].flatMap(([place, text]) => {
      const lower = text.toLowerCase();
      return needles.filter((needle) => lower.includes(needle.toLowerCase())).map((needle) => `${place}: ${needle}`);
    });
    expect(hits).toEqual([]);
  });
});
