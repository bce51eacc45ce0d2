import { testAnswer } from '../../functions/serve-templates/contract.ts';
import { stopsAnswer } from '../../shared/launch/views.ts';
import type { StaffWorld } from '../staff/command-line.ts';
import { recipientOf } from '../staff/find-customer.ts';
import { Refused, type StaffApi } from '../staff/staff-api.ts';
import type { CampaignApi, Details, PlainAct } from './campaign-api.ts';

/** What people do to campaigns. Each answers with its exit code. */

type Say = Pick<StaffWorld, 'say'>;

const clockTime = (instant: string): string => `${instant.slice(0, 16).replace('T', ' ')} UTC`;

/** Where a campaign stands, one line a thing. */
const standing = (campaign: Details, newest: ReadonlyMap<string, string>): readonly string[] => {
  const { id, title, state, review, sendClass, priority, hash, approved, changesWanted, paused, cancelledBy } =
    campaign;
  const lines = [
    `${id}: ${title['zh-CN']} · ${title.en}`,
    `  ${state}, ${sendClass}, priority ${priority}; its draft is ${review}, content ${hash}`,
  ];
  if (approved?.hash === hash) lines.push(`  approved ${clockTime(approved.at)}`);
  if (changesWanted !== undefined) lines.push(`  changes wanted: ${changesWanted.note}`);
  // only a first launch waits
  if (campaign.notBefore !== undefined && campaign.notBefore > (campaign.updatedAt ?? '') && state === 'live')
    lines.push(`  nothing is sent before ${clockTime(campaign.notBefore)}`);
  if (paused !== undefined) lines.push(`  paused ${clockTime(paused.at)} (${paused.because})`);
  if (cancelledBy !== undefined) lines.push(`  cancelled ${clockTime(cancelledBy.at)}: nothing more goes out`);
  for (const [template, version] of Object.entries(campaign.templates))
    if ((newest.get(template) ?? version) !== version)
      lines.push(`  template ${template} has a newer text than the draft: submit again to have that approved`);
  for (const { path, message } of campaign.problems) lines.push(`  wrong by now: ${path}: ${message}`);
  return lines;
};

export const list = async ({ say }: Say, api: CampaignApi): Promise<number> => {
  for (const { id, title, state, review, sendClass } of await api.all())
    say(
      `${id.padEnd(20)}${state.padEnd(11)}${review.padEnd(11)}${sendClass.padEnd(11)}${title['zh-CN']} · ${title.en}`,
    );
  return 0;
};

export const show = async ({ say }: Say, api: CampaignApi, id: string): Promise<number> => {
  for (const line of standing(await api.get(id), await api.templates())) say(line);
  return 0;
};

export const copy = async (
  { say }: Say,
  api: CampaignApi,
  id: string,
  as: string,
  title: Partial<Details['title']>,
): Promise<number> => {
  const there = (await api.get(id)).title;
  const copied = await api.copy(id, { id: as, title: { ...there, ...title } });
  say(`${copied.id}: a draft with the content of ${id}; npm run campaign -- pull ${copied.id}.json writes its file`);
  return 0;
};

const DONE: Readonly<Record<PlainAct, string>> = {
  submit: 'in review; an approver who had no hand in it approves it',
  launch: 'live',
  pause: 'paused: all of it is held',
  resume: 'live again: what was held goes on',
  cancel: 'cancelled: nothing more goes out',
  end: 'takes nobody in any more; journeys that began go on to their end',
  archive: 'put away',
};

export const act = async ({ say }: Say, api: CampaignApi, id: string, kind: PlainAct): Promise<number> => {
  const { version } = await api.get(id);
  const { notBefore, hash, updatedAt = '' } = await api.act(id, kind, { version });
  say(`${id}: ${DONE[kind]}`);
  if (kind === 'submit') say(`${id}: the content is ${hash}`);
  if (kind === 'launch' && notBefore !== undefined && notBefore > updatedAt)
    say(`${id}: nothing is sent before ${clockTime(notBefore)}; until then cancel takes it back`);
  return 0;
};

/** @param hash the content that the approver looked at; undefined: what is in review now */
export const approve = async ({ say }: Say, api: CampaignApi, id: string, hash?: string): Promise<number> => {
  const found = await api.get(id);
  const approved = await api.act(id, 'approve', { version: found.version, hash: hash ?? found.hash });
  say(`${id}: approved, content ${approved.hash}; one changed letter voids it`);
  return 0;
};

export const requestChanges = async ({ say }: Say, api: CampaignApi, id: string, note: string): Promise<number> => {
  const { version } = await api.get(id);
  await api.act(id, 'request-changes', { version, note });
  say(`${id}: given back with your note`);
  return 0;
};

/** Every mail of the draft, in every language, to the seed list. */
export const testSend = async (
  { say }: Say,
  api: StaffApi,
  campaign: string,
  as: Parameters<typeof recipientOf>[1],
): Promise<number> => {
  const body = { campaign, ...(await recipientOf(api, as)) };
  const answer = await api.call(testAnswer, 'POST', '/api/templates/seed-copies', body);
  if (answer === undefined)
    throw new Refused(
      'there is no such campaign or test profile: npm run campaign -- list, npm run template -- profiles',
    );
  for (const { to, template, locale, outcome } of answer.sent) say(`${to}: ${template} ${locale} ${outcome}`);
  return answer.sent.every(({ outcome }) => outcome === 'accepted') ? 0 : 1;
};

/** The global stop, or its end. */
export const stop = async (
  { say }: Say,
  api: StaffApi,
  kind: 'stop' | 'release' | 'stops',
  scope: string,
): Promise<number> => {
  const answer =
    kind === 'stops'
      ? await api.call(stopsAnswer, 'GET', '/api/stop')
      : await api.call(stopsAnswer, 'POST', kind === 'stop' ? '/api/stop' : '/api/stop/release', { scope });
  if (answer === undefined) throw new Refused(`there is no branch "${scope}" that you may stop`);
  for (const one of answer.items)
    say(`${one.scope === '' ? 'everything' : one.scope} is stopped since ${clockTime(one.at)}`);
  if (answer.items.length === 0) say('nothing is stopped');
  return 0;
};
