import { countAnswer, fieldsAnswer, sampleAnswer } from '../../shared/audience/contract.ts';
import { type Why, why } from '../../shared/history/why-contract.ts';
import { calendarAnswer, preFlightView, runProgress, runsAnswer } from '../../shared/launch/views.ts';
import type { StaffWorld } from '../staff/command-line.ts';
import { findCustomer } from '../staff/find-customer.ts';
import { Refused, type StaffApi } from '../staff/staff-api.ts';
import { createCampaignApi } from './campaign-api.ts';
import { readDefinition } from './files.ts';

/** What people ask about campaigns. Each answers with its exit code. */

type Say = Pick<StaffWorld, 'say'>;

const byReason = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ');

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

const minute = (instant: string): string => `${instant.slice(0, 16).replace('T', ' ')} UTC`;

/** How often a computing pre-flight is asked for, in milliseconds, and how long. */
const PRE_FLIGHT_EVERY = 500;
const PRE_FLIGHT_PATIENCE = 120_000;

/** Begins a pre-flight anew and waits for it. */
export const preFlight = async ({ say }: Say, api: StaffApi, id: string): Promise<number> => {
  const path = `/api/campaigns/${encodeURIComponent(id)}/pre-flight`;
  const until = performance.now() + PRE_FLIGHT_PATIENCE;
  let view = await api.call(preFlightView, 'POST', path);
  while (view?.state === 'computing' && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, PRE_FLIGHT_EVERY));
    view = await api.call(preFlightView, 'GET', path);
  }
  if (view === undefined) throw new Refused(`there is no campaign "${id}"`);
  if (view.state === 'computing')
    throw new Refused(`${Math.round(view.progress * 100)} % of the audience are looked at: ask again in a while`);
  const { messages, cost, pace, print, missing, overlap } = view;
  say(`${id}, as of ${minute(view.at)}`);
  say(`  audience   ${view.audience} customers`);
  say(`  may go     ${view.going}`);
  if (sumOf(view.held) > 0) say(`  held       ${sumOf(view.held)}: ${byReason(view.held)}`);
  if (sumOf(view.skipped) > 0) say(`  skipped    ${sumOf(view.skipped)}: ${byReason(view.skipped)}`);
  say(`  messages   at most ${messages.email} mails, ${messages.post} letters, ${messages.sms} texts`);
  say(`  cost       at most ${(cost.total / 100).toFixed(2)} ${cost.currency}`);
  if (pace !== undefined)
    say(
      `  time       ${pace.hours.toFixed(1)} hours, until ${minute(pace.finishesAt)}; deadline ${minute(pace.deadline)}`,
    );
  if (print !== undefined)
    say(`  letters    handed over on ${print.handOverOn}, to be recalled until ${minute(print.cutOff)}`);
  if (missing.lacking > 0)
    say(`  lacking    ${missing.lacking} of ${missing.checked} customers lack something that a template needs`);
  for (const other of overlap) say(`  overlap    ${other.customers} customers are in ${other.campaign}, too`);
  say(view.refusal === undefined ? '  it can be launched' : `  it cannot be launched: ${view.refusal}`);
  return view.refusal === undefined ? 0 : 1;
};

/** For how many customers the rule of a definition file holds, and some of them. */
export const count = async (world: StaffWorld, api: StaffApi, file: string): Promise<number> => {
  const { audience } = readDefinition(world, file) as { audience?: { rule?: unknown } };
  if (audience?.rule === undefined) throw new Refused(`${file} has no audience.rule to count`);
  const body = { rule: audience.rule };
  const counted = await api.call(countAnswer, 'POST', '/api/audiences/count', body);
  const sample = await api.call(sampleAnswer, 'POST', '/api/audiences/sample', body);
  if (counted === undefined) throw new Refused('the system counts no audiences');
  const about = counted.exact ? '' : `about, within ${counted.margin}, `;
  world.say(`${about}${counted.count} of ${counted.of} customers`);
  if (sample !== undefined && sample.items.length > 0)
    world.say(
      `  such as ${sample.items
        .slice(0, 5)
        .map(({ name }) => name)
        .join(', ')}`,
    );
  return 0;
};

/** What rules can ask. */
export const fields = async ({ say }: Say, api: StaffApi): Promise<number> => {
  const line = (name: string, label: { 'zh-CN': string; en: string }, words: readonly string[]) =>
    say(`${name.padEnd(28)}${label['zh-CN']} · ${label.en}  ${words.join(' ')}`.trimEnd());
  for (const field of (await api.call(fieldsAnswer, 'GET', '/api/audiences/fields'))?.items ?? []) {
    const words = field.values?.map(({ name }) => name) ?? field.operators;
    line(field.name, field.label, field.elements === undefined ? words : []);
    for (const { name, label, values, operators } of field.elements ?? [])
      line(`  ${name}`, label, values?.map((value) => value.name) ?? operators);
  }
  return 0;
};

const stepLine = ({ at, kind, step, state, reason, decision }: Why['steps'][number]): string => {
  const until = state === 'held' ? decision?.answer.until : undefined;
  const words = [kind, step, state, reason, until && `until ${minute(new Date(until).toISOString())}`]
    .filter((word) => word !== undefined)
    .join(' ');
  const rules = decision?.answer.explain?.filter(({ verdict }) => verdict !== 'pass').map(({ rule }) => rule) ?? [];
  const again =
    decision === undefined ? '' : decision.replayed ? ' (asked again today: the same)' : ' (today otherwise)';
  return `  ${minute(at)}  ${words}${rules.length === 0 ? '' : `, by the rule ${rules.join(', ')}`}${again}`;
};

const told = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value));

/** Why a campaign wrote to a customer, or did not. */
export const whyOf = async ({ say }: Say, api: StaffApi, campaign: string, text: string): Promise<number> => {
  const { id, name } = await findCustomer(api, text);
  const { state: standing } = await createCampaignApi(api).get(campaign);
  const answer = await api.call(why, 'GET', `/api/why?${new URLSearchParams({ customer: id, campaign })}`);
  if (answer === undefined) throw new Refused(`there is no customer "${text}"`);
  say(`${campaign}: ${name}`);
  if (standing === 'paused') say('  the campaign is paused: what falls due waits');
  for (const { occurrence, state, enteredAt, exit, next } of answer.journeys) {
    const onward = next === undefined ? '' : `, next ${next.step} ${minute(next.at)}`;
    say(`  journey ${occurrence}, begun ${minute(enteredAt)}: ${exit ? `left, ${exit.reason}` : state}${onward}`);
  }
  for (const step of answer.steps) say(stepLine(step));
  if (answer.entry === undefined) return 0;
  const { member, deciding } = answer.entry;
  say(member ? '  in the audience, but in no journey: nothing begins one by now' : '  not in the audience:');
  for (const { field, operator, value, actual } of member ? [] : deciding)
    say(`    ${[field, operator, told(value)].join(' ').trim()} does not hold: known is ${told(actual) || 'nothing'}`);
  return 0;
};

/** How far the runs of a campaign are; only campaigns to an audience have some. */
export const progress = async ({ say }: Say, api: StaffApi, id: string): Promise<number> => {
  const path = `/api/campaigns/${encodeURIComponent(id)}/runs`;
  const runs = await api.call(runsAnswer, 'GET', path);
  if (runs === undefined) throw new Refused(`there is no campaign "${id}"`);
  if (runs.items.length === 0)
    say(`${id}: no runs; a customer's why tells of journeys that begin by a date or an event`);
  for (const { occurrence, mode, members } of runs.items) {
    if (mode === 'look') say(`${occurrence}: ${members} customers looked at; whoever has a day soon is in a journey`);
    if (mode === 'look') continue;
    const run = await api.call(runProgress, 'GET', `${path}/${encodeURIComponent(occurrence)}`);
    if (run === undefined) continue;
    say(`${occurrence}: ${run.state}, ${run.members} found, ${run.ordered} ordered, ${run.sent} sent`);
    for (const [word, counts] of Object.entries({ held: run.held, skipped: run.skipped, failed: run.failed }))
      if (sumOf(counts) > 0) say(`  ${word.padEnd(9)}${sumOf(counts)}: ${byReason(counts)}`);
    if (run.unknown > 0) say(`  unknown  ${run.unknown}`);
  }
  return 0;
};

/** What went out and what is planned, by day. @param from, to `2027-06-15` */
export const calendar = async ({ say }: Say, api: StaffApi, from: string, to: string): Promise<number> => {
  const answer = await api.call(calendarAnswer, 'GET', `/api/calendar?${new URLSearchParams({ from, to })}`);
  for (const { on, campaign, kind, step, state, count } of answer?.entries ?? [])
    say(
      [on, campaign.padEnd(20), kind.padEnd(6), (step ?? '').padEnd(12), state.padEnd(10), count ?? '']
        .join(' ')
        .trim(),
    );
  for (const { on, country } of answer?.holidays ?? []) say(`${on} holiday in ${country}`);
  for (const { campaigns, customers } of answer?.overlap ?? [])
    say(`${campaigns.join(' and ')} write to ${customers} of the same customers within a week`);
  return 0;
};
