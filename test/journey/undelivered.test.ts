import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { filesOfBook } from '../../infra/local/book.ts';
import { makeLive } from '../../infra/local/simulate/make-live.ts';
import { createMemorySystem } from '../../infra/local/simulate/memory-system.ts';
import { checkDefinition } from '../../shared/campaign/check-definition.ts';
import { pinWith } from '../../shared/campaign/pins.ts';
import { shippedIndex } from '../../shared/campaign/programmes.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { DAY, formatInstant, HOUR, type Instant, MINUTE, parseInstant, SECOND } from '../../shared/platform/time.ts';
import type { Policy } from '../../shared/policy/policy.ts';
import { writeSmallBook } from './support/small-book.ts';

/**
 * The functions' own wiring in memory: a flow that writes a letter where the mail did not arrive and reminds only who did
 * not react, in the three ways in which a definition can say so.
 */

const START = parseInstant('2019-03-04T08:00:00Z') as Instant;
const BROWSER = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36';

const is = (field: string, value: unknown, operator = '=') => ({
  combinator: 'and',
  rules: [{ field, operator, value }],
});
const mail = (id: string, template: string, more: object = {}) => ({ id, do: { send: 'email', template }, ...more });
const letter = { id: 'letter', do: { send: 'letter', template: 'renewal-m14' } };

const WAYS = {
  /** Waits for the news. */
  event: [
    mail('first', 'renewal-m30'),
    {
      id: 'heard',
      do: {
        wait: {
          event: 'MessageUndelivered',
          where: {
            combinator: 'and',
            rules: [
              { field: 'event.campaign', operator: '=', value: 'fallback' },
              { field: 'event.step', operator: '=', value: 'first' },
            ],
          },
          upTo: 'P3D',
          otherwise: 'ask',
        },
      },
    },
    { ...letter, next: 'lettered' },
    {
      id: 'ask',
      do: { branch: { paths: [{ when: is('journey.reacted', true), next: 'reacted' }], otherwise: 'again' } },
    },
    mail('again', 'renewal-m07', { next: 'reminded' }),
    { id: 'lettered', do: { exit: 'lettered' } },
    { id: 'reacted', do: { exit: 'reacted' } },
    { id: 'reminded', do: { exit: 'reminded' } },
  ],
  /** Has a branch for it. */
  branch: [
    mail('first', 'renewal-m30', { onFailure: 'letter' }),
    { id: 'pause', do: { wait: { for: 'P3D' } } },
    mail('again', 'renewal-m07', { when: is('journey.reacted', false), next: 'end' }),
    letter,
    { id: 'end', do: { exit: 'end' } },
  ],
  /** Asks later. */
  rule: [
    mail('first', 'renewal-m30'),
    { id: 'pause', do: { wait: { for: 'P3D' } } },
    { ...letter, when: is('journey.failed', 'first', 'contains') },
    mail('again', 'renewal-m07', {
      when: {
        combinator: 'and',
        rules: [
          { field: 'journey.reacted', operator: '=', value: false },
          { field: 'journey.failed', operator: 'doesNotContain', value: 'first' },
        ],
      },
    }),
  ],
} as const;

/** What a mailbox does with the first mail; `follow` makes clicks some time after it. */
const FATES = {
  dead: [{ bounceType: 'Permanent', bounceSubType: 'NoEmail' }],
  full: [{ bounceType: 'Transient', bounceSubType: 'MailboxFull' }],
  reader: [{ after: HOUR, link: 'https://www.evermere.example/a', userAgent: BROWSER }],
  scanner: [
    { after: 2 * SECOND, link: 'https://www.evermere.example/a', userAgent: BROWSER },
    { after: HOUR, link: 'https://www.evermere.example/a', userAgent: 'Mozilla/5.0 (compatible; Barracuda Sentinel)' },
    { after: 2 * HOUR, link: 'https://www.evermere.example/a', userAgent: BROWSER },
    { after: 2 * HOUR + SECOND, link: 'https://www.evermere.example/b', userAgent: BROWSER },
  ],
  silent: [],
} as const;
type Fate = keyof typeof FATES;

const play = async (steps: readonly object[]) => {
  const checked = checkDefinition(
    {
      formatVersion: 1,
      id: 'fallback',
      title: { 'zh-CN': '送达不成改寄信函', en: 'Letter where no mail arrives' },
      subject: 'policy',
      trigger: { event: 'ReviewDue' },
      class: 'service',
      audience: { contactRules: ['direct'] },
      reEntry: 'concurrent',
      exits: ['deceased'],
      useBy: 'P5D',
      steps,
    },
    shippedIndex,
  );
  if (checked.kind !== 'valid') throw new Error(JSON.stringify(checked.problems));
  const system = createMemorySystem({ start: START });
  await makeLive(system, pinWith(checked.definition, shippedIndex));
  const book = writeSmallBook(
    Object.keys(FATES).map((fate) => ({ policyNo: fate, renewsOn: '2019-10-01', email: `${fate}@mail.example` })),
  );
  await system.importBook(filesOfBook(book, book));
  rmSync(book, { recursive: true });
  for (const policyNo of Object.keys(FATES)) {
    const occurredAt = formatInstant(system.now());
    system.raise('customer.events', 'ReviewDue', { schemaVersion: 1, eventId: policyNo, occurredAt, policyNo });
  }
  await system.moveTo((START + 5 * MINUTE) as Instant);
  const first = new Map(system.taken.map((one) => [one.to.split('@')[0], one]));
  const tell = (fate: Fate, eventType: string, part: object): void => {
    const sent = first.get(fate);
    if (sent === undefined) throw new Error(`no mail to ${fate}`);
    const tags = Object.fromEntries(Object.entries(sent.tags).map(([name, value]) => [name, [value]]));
    const timestamp = formatInstant(sent.at);
    system.feedback({ eventType, mail: { messageId: 'm', timestamp, destination: [sent.to], tags }, ...part });
  };
  for (const [fate, acts] of Object.entries(FATES) as [Fate, (typeof FATES)[Fate]][])
    for (const act of acts) {
      if ('bounceType' in act)
        for (let copy = 0; copy < 3; copy += 1)
          tell(fate, 'Bounce', { bounce: { ...act, timestamp: formatInstant(system.now()) } });
      else {
        const { after, ...click } = act;
        const at = (first.get(fate)?.at ?? 0) + after;
        if (at > system.now()) await system.moveTo(at as Instant);
        tell(fate, 'Click', { click: { ...click, timestamp: formatInstant(at as Instant) } });
      }
    }
  await system.moveTo((START + 10 * DAY) as Instant);

  const timeline = createTimeline(system.table);
  const policies = system.table.all().flatMap(({ entity, policy }) => (entity === 'Policy' ? [policy as Policy] : []));
  const outcomes = new Map<string, { readonly sent: string; readonly exit: string | undefined }>();
  for (const { policyNo, partyId } of policies) {
    const { entries } = await timeline.list(partyId as PartyId);
    const sent = entries
      .filter(({ kind, state }) => kind === 'message' && state !== 'skipped')
      .map(({ step, channel }) => `${step} ${channel}`)
      .toReversed();
    const [enrolment] = await createEnrolments(system.table).ofParty(partyId as PartyId);
    outcomes.set(policyNo, { sent: sent.join(', '), exit: enrolment?.exit?.because });
  }
  return { outcomes, system };
};

describe('a letter where the mail did not arrive, a reminder only without reaction', () => {
  test.each(Object.keys(WAYS) as (keyof typeof WAYS)[])('by %s', async (way) => {
    const { outcomes } = await play(WAYS[way]);
    expect(Object.fromEntries([...outcomes].map(([fate, { sent }]) => [fate, sent]))).toEqual({
      dead: 'first email, letter post',
      // full today: the next mail may arrive
      full: 'first email, again email',
      reader: 'first email',
      scanner: 'first email, again email',
      silent: 'first email, again email',
    });
  });

  test('each journey ends where it should', async () => {
    const { outcomes } = await play(WAYS.event);
    expect(Object.fromEntries([...outcomes].map(([fate, { exit }]) => [fate, exit]))).toEqual({
      dead: 'lettered',
      full: 'reminded',
      reader: 'reacted',
      scanner: 'reminded',
      silent: 'reminded',
    });
  });
});
