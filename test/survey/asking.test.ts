import { describe, expect, test } from 'vitest';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createTraits } from '../../shared/customer/traits-store.ts';
import { composeLetters } from '../../shared/letter/compose-letter.ts';
import { inviteOf } from '../../shared/message/asking.ts';
import { replay } from '../../shared/message/decision-trace.ts';
import type { SendAnswer } from '../../shared/message/mailer.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { readEvidence } from '../../shared/message/proof.ts';
import { sendMail } from '../../shared/message/send-mail.ts';
import type { SendId } from '../../shared/platform/ids.ts';
import { sendIdOf } from '../../shared/platform/ids.ts';
import { createMemoryObjects } from '../../shared/platform/memory-objects.ts';
import type { Table } from '../../shared/platform/table.ts';
import { DAY, HOUR, type Instant } from '../../shared/platform/time.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createSurveyAnswers } from '../../shared/survey/answer-store.ts';
import { createAskByPhone } from '../../shared/survey/ask-by-phone.ts';
import { createAsked } from '../../shared/survey/asked-store.ts';
import { invitationIdOf } from '../../shared/survey/invitation.ts';
import { createInvitations } from '../../shared/survey/invitation-store.ts';
import { library } from '../../shared/survey/library.ts';
import { askingOver } from '../../shared/survey/table-asking.ts';
import type { Task } from '../../shared/task/task.ts';
import { createLetterWorld } from '../letter/letter-world.ts';
import { createSending, NOW, namesOf, orderOf, policyOf } from '../message/sending.ts';

const { id: survey, version: surveyVersion, file } = library.find(({ id }) => id === 'renewal')!;
const REPEAT = file.repeatAfterDays * DAY;

/** The order of one step that asks about the k-th policy of a person. */
const asks = (n: number, step: string, k = 0, more: Partial<SendOrder> = {}): SendOrder => {
  const order = orderOf(n);
  const ref = { ...order.enrolments[0]!, policyId: policyOf(n, k) };
  return {
    ...order,
    sendId: sendIdOf('renewal', ref.occurrence, ref.policyId, step, 'email') as SendId,
    step,
    enrolments: [ref],
    survey,
    surveyVersion,
    useBy: (NOW + 900 * DAY) as Instant,
    ...more,
  };
};
const idOf = (order: SendOrder): string => invitationIdOf(inviteOf(order)!);
const answerTo = async (table: Table, order: SendOrder, at: Instant): Promise<void> => {
  const invitationId = idOf(order);
  const facets = { scope: 's', channel: 'email', locale: 'en' } as const;
  const { partyId } = order;
  const base = { id: 'x', at, invitationId, survey, version: surveyVersion, partyId, facets };
  await createSurveyAnswers(table, createMemoryObjects()).add({
    ...base,
    given: 'page',
    values: { nps: 9 },
    low: false,
  });
};

describe('S3: an invite by mail', () => {
  const worldOf = (answer?: () => SendAnswer, policies = 3) =>
    createSending([{ n: 1, policies, profile: { locale: 'en', manager: 'm-7' } }], answer);
  const kinds = async (ports: Parameters<typeof sendMail>[0], orders: readonly SendOrder[]) =>
    (await sendMail(ports, orders)).map((outcome) => ('reason' in outcome ? outcome.reason : outcome.kind));

  test('is noted with its breakdown before it goes; a reminder belongs to it; an answer ends it', async () => {
    const world = await worldOf();
    await createTraits(world.memory).set(namesOf(1).partyId, 'tier', 'A');
    const ask = asks(1, 'ask');
    expect(await kinds(world.ports, [ask])).toEqual(['sent']);
    expect(await createInvitations(world.memory).get(idOf(ask))).toMatchObject({
      survey,
      version: surveyVersion,
      ...namesOf(1),
      campaign: 'renewal',
      step: 'ask',
      invitedAt: NOW,
      facets: { scope: 's', line: 'motor', tier: 'A', manager: 'm-7', channel: 'email', locale: 'en' },
    });
    world.later(7 * DAY);
    const remind = asks(1, 'remind', 0, { dueAt: (NOW + 7 * DAY) as Instant });
    expect(await kinds(world.ports, [remind])).toEqual(['sent']);
    await answerTo(world.memory, ask, (NOW + 8 * DAY) as Instant);
    world.later(7 * DAY);
    const again = asks(1, 'again', 0, { dueAt: (NOW + 14 * DAY) as Instant });
    expect(await kinds(world.ports, [again])).toEqual(['already-answered']);
    expect((await createInvitations(world.memory).get(idOf(ask)))?.step).toBe('ask');
  });

  test('M8: why it was not sent is kept and asked again gives the same answer', async () => {
    const world = await worldOf();
    await sendMail(world.ports, [asks(1, 'ask')]);
    world.later(HOUR);
    await sendMail(world.ports, [asks(1, 'ask', 1)]);
    const row = (await world.rows(1)).find(({ state }) => state === 'skipped');
    expect(row?.reason).toBe('asked-recently');
    const trace = JSON.parse((await readEvidence(world.objects, row!.trace!)).trace);
    expect(trace.question.asking).toMatchObject({ repeatAfterDays: file.repeatAfterDays, asked: { invitedAt: NOW } });
    expect(replay(trace)).toEqual({ replayed: true, answer: { kind: 'skip', reason: 'asked-recently' } });
  });

  test('for another policy waits for its time, and of several at once one goes', async () => {
    const world = await worldOf();
    const outcomes = await kinds(
      world.ports,
      [0, 1, 2].map((k) => asks(1, 'ask', k)),
    );
    expect([...outcomes].sort()).toEqual(['asked-recently', 'asked-recently', 'sent']);
    const other = outcomes.indexOf('asked-recently');
    world.later(REPEAT - 1);
    expect(await kinds(world.ports, [asks(1, 'later', other)])).toEqual(['asked-recently']);
    world.later(1);
    expect(await kinds(world.ports, [asks(1, 'latest', other)])).toEqual(['sent']);
  });

  test('two workers at once, each with an invitation of its own: one goes', async () => {
    const world = await worldOf();
    const outcomes = await Promise.all([0, 1, 2].map((k) => kinds(world.ports, [asks(1, 'ask', k)])));
    expect(outcomes.flat().sort()).toEqual(['asked-recently', 'asked-recently', 'sent']);
    expect(world.calls).toHaveLength(1);
  });

  test('which the provider refuses for good is no invitation, and an hour later keeps nobody from asking', async () => {
    let refuses = true;
    const world = await worldOf(() =>
      refuses ? { kind: 'refused', permanent: true, code: 'MessageRejected' } : { kind: 'accepted', messageId: 'm' },
    );
    expect(await kinds(world.ports, [asks(1, 'ask')])).toEqual(['rejected']);
    expect(await createInvitations(world.memory).get(idOf(asks(1, 'ask')))).toBeUndefined();
    refuses = false;
    expect(await kinds(world.ports, [asks(1, 'ask', 1)])).toEqual(['asked-recently']);
    world.later(2 * HOUR);
    expect(await kinds(world.ports, [asks(1, 'other', 1)])).toEqual(['sent']);
    expect(await kinds(world.ports, [asks(1, 'remind')])).toEqual(['asked-recently']);
  });

  test('which the provider has no room for is one once it goes', async () => {
    let calls = 0;
    const world = await worldOf(() =>
      ++calls <= 3 ? { kind: 'throttled', code: 'Throttling' } : { kind: 'accepted', messageId: 'm' },
    );
    const ask = asks(1, 'ask');
    expect(await kinds(world.ports, [ask])).toEqual(['no-quota']);
    expect(await createInvitations(world.memory).get(idOf(ask))).toBeUndefined();
    world.later(HOUR);
    expect(await kinds(world.ports, [ask])).toEqual(['sent']);
    expect((await createInvitations(world.memory).get(idOf(ask)))?.invitedAt).toBe(NOW + HOUR);
  });

  test('is not sent to who answered by telephone before anybody asked', async () => {
    const world = await worldOf();
    const answer = { invitationId: 'by-phone', at: (NOW - DAY) as Instant };
    await createAsked(world.memory).noteAnswered(namesOf(1).partyId, survey, answer);
    expect(await kinds(world.ports, [asks(1, 'ask')])).toEqual(['asked-recently']);
  });

  test('of a version that nobody knows comes again, and keeps no other order waiting', async () => {
    const world = await worldOf();
    const outcomes = await sendMail(world.ports, [asks(1, 'ask', 0, { surveyVersion: 'lost' }), asks(1, 'ask', 1)]);
    expect(outcomes).toMatchObject([{ kind: 'retry', error: { code: 'not-found' } }, { kind: 'sent' }]);
  });

  test('costs what asks only: a mail that asks nothing reads and writes as before', async () => {
    const world = await worldOf();
    const { ports } = world;
    const asked: string[] = [];
    await sendMail(
      {
        ...ports,
        asking: {
          read: async (orders) => (
            asked.push(...orders.flatMap((one) => inviteOf(one)?.survey ?? [])), ports.asking.read(orders)
          ),
          ask: async (recipient, now) => ports.asking.ask(recipient, now),
        },
      },
      [orderOf(1)],
    );
    expect(asked).toEqual([]);
    expect((await createAsked(world.memory).of([namesOf(1).partyId])).size).toBe(0);
  });
});

describe('S3: a letter that asks', () => {
  test('is noted as asked by post; after the answer the next one is not made', async () => {
    const world = createLetterWorld();
    const order = { ...(await world.add(1)), survey, surveyVersion };
    expect((await composeLetters(world.ports, [order])).map(({ kind }) => kind)).toEqual(['sent']);
    expect((await createInvitations(world.table).get(idOf(order)))?.facets.channel).toBe('post');
    await answerTo(world.table, order, world.clock.now);
    const again = { ...order, sendId: 'again'.padEnd(26, '0') as SendId, step: 'again' };
    expect(await composeLetters(world.ports, [again])).toEqual([{ kind: 'skipped', reason: 'already-answered' }]);
  });
});

describe('S3: a call that asks', () => {
  test('is an invitation by telephone, once; who was asked by mail is not called', async () => {
    const world = await createSending([{ n: 1, policies: 2 }]);
    const { memory } = world;
    const ask = createAskByPhone({
      ...askingOver(memory),
      profiles: createProfiles(memory),
      policies: createPolicies(memory),
    });
    const { partyId } = namesOf(1);
    const task = (k: number): Task => ({
      taskId: `t${k}`,
      scope: 's',
      kind: 'survey-call',
      reason: 'renewal-survey',
      state: 'open',
      dueOn: '2019-02-01' as never,
      createdAt: NOW,
      partyId,
      policyId: policyOf(1, k),
      campaign: 'renewal',
      occurrence: 'o',
      step: 'call',
      details: { survey, surveyVersion },
    });
    expect(await ask(task(0), NOW)).toBeUndefined();
    expect(await ask(task(0), NOW)).toBeUndefined();
    expect(await ask(task(1), NOW)).toBe('asked-recently');
    const { invitations } = await createInvitations(memory).ofSurvey(survey, '2019-01');
    expect(invitations.map(({ facets, policyId }) => [facets.channel, policyId])).toEqual([['phone', policyOf(1, 0)]]);
    await expect(ask({ ...task(0), details: {} }, NOW)).rejects.toThrow(/names no survey/);
  });
});
