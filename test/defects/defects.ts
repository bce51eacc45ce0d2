import { EngagementError } from '../../shared/platform/errors.ts';

/** A mistake that somebody could make in one place, and the tests that must notice. */
export interface Defect {
  readonly id: string;
  /** What is promised and would be broken. */
  readonly promise: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly sound: string;
  readonly broken: string;
  readonly tests: readonly string[];
}

/** The file with the defect in it.
 *  @throws EngagementError `not-found` where the sound text is not there exactly once: the list has gone stale */
export const plant = ({ id, file, sound, broken }: Defect, text: string): string => {
  const parts = text.split(sound);
  if (parts.length !== 2)
    throw new EngagementError(
      'not-found',
      `defect ${id}: its text stands ${parts.length - 1} times in ${file}: bring test/defects/defects.ts up to date`,
    );
  return parts.join(broken);
};

/** Whole lines. */
const lines = (...of: readonly string[]): string => of.map((line) => `${line}\n`).join('');

/** In the order of the areas they are in: sending, reserving and settling; contact rules; journeys; runs; rules and people. */
export const defects: readonly Defect[] = [
  {
    id: 'ses-retry-on',
    promise: 'the provider is called once; after a lost answer the ledger decides, not the SDK (N1)',
    file: 'shared/message/ses-mailer.ts',
    sound: lines('    ...config,', '    maxAttempts: 1,'),
    broken: '    ...config,\n',
    tests: ['test/message/ses-mailer.test.ts'],
  },
  {
    id: 'no-owner-token',
    promise: 'of many workers with one order exactly one sends it (F13)',
    file: 'shared/message/deliver-mail.ts',
    sound: 'const owner = ports.token();',
    broken: 'const owner: string = order.sendId;',
    tests: ['test/message/send-mail.test.ts'],
  },
  {
    id: 'consent-before-reservation',
    promise: 'an opt-out between decision and reservation is seen (N4)',
    file: 'shared/customer/gate-store.ts',
    sound: "[{ path: ['v'], is: gate.version }, ...clauses],",
    broken: '[...clauses],',
    tests: ['test/message/gates.test.ts', 'test/message/merged-orders.test.ts'],
  },
  {
    id: 'cursor-at-fetch',
    promise: 'a run moves on when its orders are queued, not when they are read (F35)',
    file: 'shared/launch/walk-runs.ts',
    sound: lines(
      '      await queue(run, pinned, page.members.slice(cursor.done, cursor.done + granted), now);',
      '      const after = await ports.runs.put(advanced(run, page, granted, now));',
    ),
    broken: lines(
      '      const after = await ports.runs.put(advanced(run, page, granted, now));',
      '      await queue(run, pinned, page.members.slice(cursor.done, cursor.done + granted), now);',
    ),
    tests: ['test/launch/walk-runs.test.ts'],
  },
  {
    id: 'due-row-before-work',
    promise: 'a due row goes when its work is done, not when it is read (N2)',
    file: 'shared/journey/run-page.ts',
    sound: "  const steps = rows.filter(({ kind }) => kind === 'step');\n",
    broken: lines('  await ports.dueWork.remove(rows);', "  const steps = rows.filter(({ kind }) => kind === 'step');"),
    tests: ['test/journey-unit/merge.test.ts'],
  },
  {
    id: 'split-by-random',
    promise: 'a customer takes the same path of a split each time (C3)',
    file: 'shared/journey/flow.ts',
    sound: 'const drawn = shardOf(`${campaign}#${partyId}#${id}`, 100);',
    broken: 'const drawn = Math.floor(Math.random() * 100);',
    tests: ['test/journey-unit/flow.test.ts'],
  },
  {
    id: 'wait-in-utc',
    promise: 'a wait of days goes by the customer’s calendar (F15)',
    file: 'shared/journey/waits.ts',
    sound: "if ('for' in wait) return addDuration(from, wait.for, zone);",
    broken: "if ('for' in wait) return addDuration(from, wait.for, 'UTC' as ZoneId);",
    tests: ['test/journey-unit/waits.test.ts'],
  },
  {
    id: 'time-of-day-in-utc',
    promise: 'a wait until ten is until ten where the customer lives (F15)',
    file: 'shared/journey/waits.ts',
    sound: 'const at = instantAt(day, time, zone);',
    broken: "const at = instantAt(day, time, 'UTC' as ZoneId);",
    tests: ['test/journey-unit/waits.test.ts'],
  },
  {
    id: 'quiet-hours-in-utc',
    promise: 'quiet hours go by the customer’s clock (C28)',
    file: 'shared/message/contact-rules.ts',
    sound: 'const wall = wallTimeAt(at, zone);',
    broken: "const wall = wallTimeAt(at, 'UTC' as ZoneId);",
    tests: ['test/message/contact-rules.test.ts'],
  },
  {
    id: 'marketing-resent',
    promise: 'advertising whose outcome is unknown never goes again by itself (N1, F03)',
    file: 'shared/message/unknown-outcome.ts',
    sound: '{ marketing: 0, service: 1,',
    broken: '{ marketing: 1, service: 1,',
    tests: ['test/message/send-mail.test.ts'],
  },
  {
    id: 'settle-after-row',
    promise: 'an unknown outcome is never noted without somebody who settles it (N2)',
    file: 'shared/message/unknown-outcome.ts',
    sound: lines(
      "  await due.place([{ at, kind: 'settle', id: `${order.sendId}-${call.owner}`, payload }], call.now);",
      '  await writeUnknown(timeline, payload);',
    ),
    broken: lines(
      '  await writeUnknown(timeline, payload);',
      "  await due.place([{ at, kind: 'settle', id: `${order.sendId}-${call.owner}`, payload }], call.now);",
    ),
    tests: ['test/simulation/simulation.test.ts'],
  },
  {
    id: 'held-after-due',
    promise: 'a held order that comes due at once, and goes with another, is not held for ever (N2)',
    file: 'shared/message/conclude-order.ts',
    sound: lines(
      '      await writeHeld(order, row, { reason, details: { until }, ...traced(trace) });',
      '      await due.place([itemOf(order, until)], clock());',
    ),
    broken: lines(
      '      await due.place([itemOf(order, until)], clock());',
      '      await writeHeld(order, row, { reason, details: { until }, ...traced(trace) });',
    ),
    tests: ['test/message/merged-orders.test.ts'],
  },
  {
    id: 'opt-out-of-one',
    promise: 'an opt-out is for everyone at the address (F43)',
    file: 'shared/message/opt-out.ts',
    sound: 'const others = email === undefined ? [] : await ports.addressBook.partiesAt(email);',
    broken: 'const others: readonly PartyId[] = [];',
    tests: ['test/message/feedback.test.ts', 'test/message/shared-address.test.ts'],
  },
  {
    id: 'get-unsubscribes',
    promise: 'a GET of the unsubscribe page changes nothing: scanners fetch every link (C01)',
    file: 'functions/serve-public/unsubscribe-routes.ts',
    sound: "    const address = maskEmail(opened.profile.email ?? '');\n",
    broken: lines(
      "    const address = maskEmail(opened.profile.email ?? '');",
      '    await unsubscribe(site.unsubscribe, opened.claims, site.now());',
    ),
    tests: ['test/pages/survey-and-unsubscribe.test.ts'],
  },
  {
    id: 'token-of-another-page',
    promise: 'a link made for one page opens no other (S27)',
    file: 'shared/message/links.ts',
    sound: '`perennial/link/v${FORMAT}/${purpose}`',
    broken: '`perennial/link/v${FORMAT}`',
    tests: ['test/message/links.test.ts'],
  },
  {
    id: 'merged-forgets-others',
    promise: 'one reservation holds all policies that a message speaks of (C5)',
    file: 'shared/message/deliver-mail.ts',
    sound: ': ports.gates.reserve(gate, sendIds, contact);',
    broken: ': ports.gates.reserve(gate, sendIds.slice(0, 1), contact);',
    tests: ['test/message/merged-orders.test.ts'],
  },
  {
    id: 'send-id-without-step',
    promise: 'each step of a journey is a message of its own',
    file: 'shared/platform/ids.ts',
    sound: "derivedId('send', campaign, occurrence, subject, step, channel)",
    broken: "derivedId('send', campaign, occurrence, subject, channel)",
    tests: ['test/platform/values.test.ts'],
  },
  {
    id: 'latest-template',
    promise: 'a message is made from the template version that was approved (F34)',
    file: 'functions/send-mail/compose-mail.ts',
    sound: 'templates.load(order.template, order.templateVersion)',
    broken: "templates.load(order.template, (await templates.current(order.template)) ?? '')",
    tests: ['test/message/send-mail-function.test.ts'],
  },
  {
    id: 'templates-kept-by-name',
    promise: 'a template’s version is not served in the place of another (F34)',
    file: 'shared/content/templates.ts',
    sound: 'const key = `${name} ${version}`;',
    broken: 'const key = name;',
    tests: ['test/content/templates.test.ts'],
  },
  {
    id: 'pause-cached',
    promise: 'a pause is in force with the next page or batch (F33)',
    file: 'shared/campaign/control.ts',
    sound: lines(
      '  return {',
      "    async of(campaigns, scope = '') {",
      '      const stops = above(scope).map(stopKey);',
      '      const found = await table.getMany([...stops, ...campaigns.map((id) => ({ pk: CAMPAIGNS, sk: id }))], {',
      '        consistent: true,',
      '      });',
    ),
    broken: lines(
      "  let read: Promise<Awaited<ReturnType<Table['getMany']>>> | undefined;",
      '  return {',
      "    async of(campaigns, scope = '') {",
      '      const stops = above(scope).map(stopKey);',
      '      read ??= table.getMany([...stops, ...campaigns.map((id) => ({ pk: CAMPAIGNS, sk: id }))], {',
      '        consistent: true,',
      '      });',
      '      const found = await read;',
    ),
    tests: ['test/campaign/campaigns.test.ts'],
  },
  {
    id: 'cancel-looked-at-once',
    promise: 'a run that is cancelled queues no further page (F33)',
    file: 'shared/launch/walk-runs.ts',
    sound: "      if ((await controlOf(run)).kind !== 'go') return now;\n",
    broken: '',
    tests: ['test/launch/walk-runs.test.ts'],
  },
  {
    id: 'cancelled-still-goes',
    promise: 'held orders of a cancelled campaign never go (F33)',
    file: 'shared/message/decide-order.ts',
    sound: lines(
      "    case 'go':",
      '      return undefined;',
      "    case 'cancelled':",
      "      return { kind: 'skip', reason: 'cancelled' };",
    ),
    broken: lines("    case 'go':", "    case 'cancelled':", '      return undefined;'),
    tests: ['test/message/campaign-control.test.ts'],
  },
  {
    id: 'laid-down-for-ever',
    promise: 'what is laid on the shelf after it was cleared is put back (F14)',
    file: 'shared/journey/shelf.ts',
    sound: '    if (waitsOnShelf(control)) return;\n',
    broken: '    if (control !== undefined) return;\n',
    tests: ['test/journey-unit/controls.test.ts'],
  },
  {
    id: 'second-start-writes-again',
    promise: 'a run that is begun twice is one run (F13)',
    file: 'shared/launch/run-store.ts',
    sound: "await table.put(toItem(run), [{ path: ['pk'], absent: true }]);",
    broken: 'await table.put(toItem(run));',
    tests: ['test/launch/stores.test.ts', 'test/launch/walk-runs.test.ts'],
  },
  {
    id: 'old-run-after-outage',
    promise: 'a run that was due too long ago is skipped and told, not sent (F14)',
    file: 'shared/launch/start-run.ts',
    sound: "...(now > useBy ? { state: 'skipped', endedAt: now } : { state: 'walking' }),",
    broken: "state: 'walking',",
    tests: ['test/launch/walk-runs.test.ts'],
  },
  {
    id: 'use-by-ignored',
    promise: 'nothing goes out after its use-by (F14)',
    file: 'shared/message/contact-rules.ts',
    sound: "['use-by', now > order.useBy ? 'too-late' : undefined, { useBy: order.useBy }],",
    broken: "['use-by', undefined, { useBy: order.useBy }],",
    tests: ['test/message/contact-rules.test.ts', 'test/message/contact-oracle.test.ts'],
  },
  {
    id: 'late-step-goes',
    promise: 'a step that comes up too late is told, not sent (F14)',
    file: 'shared/journey/evaluate-step.ts',
    sound: "if (isLate && step.otherwise === undefined) return skip('too-late');",
    broken: "if (isLate && step.late === 'drop') return skip('too-late');",
    tests: ['test/journey-unit/flow.test.ts', 'test/journey-unit/evaluate-step.test.ts'],
  },
  {
    id: 'budget-without-calls',
    promise: 'calls and visits count against the contact budget (M3)',
    file: 'shared/message/contact-rules.ts',
    sound: ".filter(({ sendClass, at }) => classes[sendClass] !== 'free' && at + days * DAY > now)",
    broken:
      ".filter(({ sendClass, at, channel }) => channel !== 'phone' && classes[sendClass] !== 'free' && at + days * DAY > now)",
    tests: ['test/message/contact-budget.test.ts'],
  },
  {
    id: 'cap-off-by-a-day',
    promise: 'a frequency cap looks back as many days as it says (M3)',
    file: 'shared/message/contact-rules.ts',
    sound: '(sent[max - 1] ?? Number.NEGATIVE_INFINITY) + days * DAY;',
    broken: '(sent[max - 1] ?? Number.NEGATIVE_INFINITY) + (days - 1) * DAY;',
    tests: ['test/message/contact-rules.test.ts', 'test/message/contact-oracle.test.ts'],
  },
  {
    id: 'make-up-days-ignored',
    promise: 'a Saturday that China works is a working day (M3)',
    file: 'shared/message/holidays.ts',
    sound: '  if (openOn.has(day)) return false;\n',
    broken: '',
    tests: ['test/message/contact-holidays.test.ts'],
  },
  {
    id: 'statutory-in-quiet-hours',
    promise: 'a notice of the law waits for nothing (M3)',
    file: 'shared/message/contact-rules.ts',
    sound: lines(
      "  if (order.sendClass === 'statutory') return { verdicts: [], openAt: (at: Instant) => ({ at, holiday: false }) };",
      '  const country = question.country ?? countryOfZone(zone);',
      '  const closed = settings.closedDays[order.sendClass]?.[order.channel];',
      '  const quiet = settings.wakes.includes(order.channel) ? settings.quietHours[order.sendClass] : undefined;',
    ),
    broken: lines(
      '  const country = question.country ?? countryOfZone(zone);',
      "  const sendClass = order.sendClass === 'marketing' ? 'marketing' : 'service';",
      '  const closed = settings.closedDays[sendClass]?.[order.channel];',
      '  const quiet = settings.wakes.includes(order.channel) ? settings.quietHours[sendClass] : undefined;',
    ),
    tests: ['test/message/contact-rules.test.ts'],
  },
  {
    id: 'statutory-opted-out',
    promise: 'an opt-out does not stop a notice of the law (M3)',
    file: 'shared/customer/may-contact.ts',
    sound: "  if (sendClass === 'statutory') return undefined;\n",
    broken: '',
    tests: ['test/message/contact-rules.test.ts'],
  },
  {
    id: 'priority-reversed',
    promise: 'of two advertisements the more important one gets the contact (C10)',
    file: 'shared/message/decide-together.ts',
    sound: 'b.priority - a.priority',
    broken: 'a.priority - b.priority',
    tests: ['test/message/decide-together.test.ts'],
  },
  {
    id: 'advertising-takes-all',
    promise: 'advertising leaves room at the provider for the law (F20)',
    file: 'shared/message/quota.ts',
    sound: '{ statutory: 1, service: 0.9, marketing: 0.7 }',
    broken: '{ statutory: 1, service: 0.9, marketing: 1 }',
    tests: ['test/message/send-quota.test.ts'],
  },
  {
    id: 'late-delivery-undoes',
    promise: 'a late delivery does not undo a bounce or a complaint (F17)',
    file: 'shared/message/timeline-store.ts',
    sound: "const condition: Condition = [{ path: ['rank'], below: rank }];",
    broken: "const condition: Condition = [{ path: ['pk'], present: true }];",
    tests: ['test/message/timeline.test.ts', 'test/message/feedback.test.ts'],
  },
  {
    id: 'leap-birthday-dropped',
    promise: 'whoever was born on 29 February has a birthday every year (F15)',
    file: 'shared/journey/occasions.ts',
    sound: lines('    anchorOn: dayInYear(date, first + n),', '  }));'),
    broken: lines(
      '    anchorOn: dayInYear(date, first + n),',
      '  })).filter(({ anchorOn }) => anchorOn.slice(5) === date.slice(5));',
    ),
    tests: ['test/journey-unit/triggers.test.ts'],
  },
  {
    id: 'dedupe-by-event-id',
    promise: 'the same fact under a new event id begins nothing twice (F11)',
    file: 'shared/journey/follow-event.ts',
    sound: '      occurrence: event.key,\n',
    broken: '      occurrence: event.id,\n',
    tests: ['test/journey-unit/follow-event.test.ts'],
  },
  {
    id: 'replay-moves-journeys',
    promise: 'a replay of old events moves no journey that began since (F12)',
    file: 'shared/journey/follow-event.ts',
    sound: '    event.receivedAt >= enrolment.enteredAt &&\n',
    broken: '',
    tests: ['test/journey-unit/replay.test.ts', 'test/journey-unit/follow-event.test.ts'],
  },
  {
    id: 'unknown-is-true',
    promise: 'an unknown value fits no comparison (D7)',
    file: 'shared/audience/compile-rule.ts',
    sound: 'return actual !== undefined && test(actual, today);',
    broken: 'return actual === undefined || test(actual, today);',
    tests: ['test/audience/rule.test.ts'],
  },
  {
    id: 'maker-approves',
    promise: 'nobody approves what they had a hand in (S12)',
    file: 'shared/campaign/lifecycle.ts',
    sound: 'if (record.makers.includes(by))',
    broken: 'if (record.makers[0] === by)',
    tests: ['test/campaign/lifecycle.test.ts'],
  },
  {
    id: 'edit-keeps-approval',
    promise: 'what was edited after its approval is approved again before it goes live (S14)',
    file: 'shared/campaign/lifecycle.ts',
    sound: '  if (record.approved?.hash !== draft) {',
    broken: '  if (record.approved?.hash !== draft && !running.includes(state)) {',
    tests: ['test/campaign/lifecycle.test.ts'],
  },
  {
    id: 'approval-of-unseen',
    promise: 'an approval is of the content that was looked at (S14)',
    file: 'shared/campaign/lifecycle.ts',
    sound: lines(
      '  if (record.draft !== hash)',
      "    return refused('changed', `the content in review is ${record.draft}, not ${hash}: read it again`);",
    ),
    broken: '',
    tests: ['test/campaign/lifecycle.test.ts'],
  },
  {
    id: 'hook-time-unchecked',
    promise: 'a signed call that was overheard cannot be played again later (S23)',
    file: 'shared/relay/signature.ts',
    sound: '  if (Math.abs(Number(timestamp) * SECOND - now) > TOLERANCE) return undefined;\n',
    broken: '',
    tests: ['test/relay/signature.test.ts'],
  },
];
