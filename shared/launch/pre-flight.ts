import type { SendClass } from '../customer/customer.ts';
import type { HoldReason, SendOrder, SkipReason } from '../message/message.ts';
import type { SendLimits } from '../message/quota.ts';
import type { PartyId } from '../platform/ids.ts';
import { HOUR, type Instant } from '../platform/time.ts';
import { finishOf, roomUntil } from './pacing.ts';
import prices from './prices.json' with { type: 'json' };

/** What was counted so far of a campaign's audience. */
export interface PreFlightSums {
  /** Rows looked at. */
  readonly rows: number;
  readonly members: number;
  /** Of the members: those to whom the first message may go at its time … */
  readonly going: number;
  /** … to whom it may go later … */
  readonly held: Readonly<Partial<Record<HoldReason, number>>>;
  /** … and to whom it may not. */
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Letters by country of the address. */
  readonly letters: Readonly<Record<string, number>>;
  /** Members whose data were looked through, and those who lack something that a template needs. */
  readonly checked: number;
  readonly lacking: number;
  /** Some of those who lack something, to look at. */
  readonly lackingSample: readonly PartyId[];
  /** Customers who are in another campaign that writes within a week, by campaign. */
  readonly overlap: Readonly<Record<string, number>>;
}

export const noSums: PreFlightSums = {
  rows: 0,
  members: 0,
  going: 0,
  held: {},
  skipped: {},
  letters: {},
  checked: 0,
  lacking: 0,
  lackingSample: [],
  overlap: {},
};

/** At most this many of those who lack something are named. */
export const SAMPLE = 20;

/** Sums of counts by name. */
const joined = <Name extends string>(
  ...all: readonly Readonly<Partial<Record<Name, number>>>[]
): Readonly<Record<Name, number>> => {
  const sums = {} as Record<Name, number>;
  for (const counts of all)
    for (const [name, count] of Object.entries(counts) as [Name, number][]) sums[name] = (sums[name] ?? 0) + count;
  return sums;
};

/** Sums of two parts of an audience. */
export const addSums = (a: PreFlightSums, b: PreFlightSums): PreFlightSums => ({
  rows: a.rows + b.rows,
  members: a.members + b.members,
  going: a.going + b.going,
  held: joined(a.held, b.held),
  skipped: joined(a.skipped, b.skipped),
  letters: joined(a.letters, b.letters),
  checked: a.checked + b.checked,
  lacking: a.lacking + b.lacking,
  lackingSample: [...a.lackingSample, ...b.lackingSample].slice(0, SAMPLE),
  overlap: joined(a.overlap, b.overlap),
});

/** One name's count. */
export const one = <Name extends string>(name: Name): Readonly<Partial<Record<Name, number>>> =>
  ({ [name]: 1 }) as Partial<Record<Name, number>>;

/** How many messages of each channel a campaign sends to one member who takes every step. */
export type MessagesEach = Readonly<Record<SendOrder['channel'], number>>;

/** Amounts in minor units of one currency. */
export interface Cost {
  readonly currency: string;
  readonly mail: number;
  readonly text: number;
  readonly print: number;
  readonly postage: number;
  readonly total: number;
}

interface LetterPrice {
  readonly printMinor: number;
  readonly postageMinor: number;
}

const letterPrices = prices.letter as Readonly<Record<string, LetterPrice>> & { readonly default: LetterPrice };

const total = (sums: Readonly<Record<string, number>>): number =>
  Object.values(sums).reduce((all, count) => all + count, 0);

/** How many members get any message at all, now or later. */
export const reachedOf = ({ going, held }: PreFlightSums): number => going + total(held as Record<string, number>);

/** What the campaign costs at most: every member who is reached takes every step. Prices: prices.json. */
export const costOf = (sums: PreFlightSums, each: MessagesEach): Cost => {
  const reached = reachedOf(sums);
  const mail = Math.ceil((reached * each.email * prices.mailPerThousandMinor) / 1_000);
  const text = reached * each.sms * prices.textMinor;
  const letters = Object.entries(sums.letters).map(([country, count]) => ({
    price: letterPrices[country] ?? letterPrices.default,
    count: count * each.post,
  }));
  const print = letters.reduce((sum, { price, count }) => sum + price.printMinor * count, 0);
  const postage = letters.reduce((sum, { price, count }) => sum + price.postageMinor * count, 0);
  return { currency: prices.currency, mail, text, print, postage, total: mail + text + print + postage };
};

/** How long the mails of one run take, and whether they go in time. */
export interface PaceReport {
  readonly mails: number;
  readonly hours: number;
  readonly finishesAt: Instant;
  readonly deadline: Instant;
  /** How many can go until the deadline. */
  readonly room: number;
  readonly fits: boolean;
}

/** The pace of a run of `mails` that begins at `at`. */
export const paceOf = (
  mails: number,
  limits: SendLimits,
  sendClass: SendClass,
  at: Instant,
  deadline: Instant,
): PaceReport => {
  const finishesAt = finishOf(mails, limits, sendClass, at);
  return {
    mails,
    hours: Math.round(((finishesAt - at) / HOUR) * 10) / 10,
    finishesAt,
    deadline,
    room: Math.min(mails, roomUntil(limits, sendClass, at, deadline)),
    fits: finishesAt <= deadline,
  };
};

/** Why a plan is refused; undefined where it can finish (C6). */
export const refusalOf = (pace: PaceReport | undefined): string | undefined =>
  pace === undefined || pace.fits
    ? undefined
    : `${pace.mails} mails take ${pace.hours} hours at the sending quota and end after the use-by; ${pace.room} can go in time: ` +
      'raise the quota, narrow the audience, or give the step a longer useBy';
