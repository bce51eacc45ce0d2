import * as z from 'zod';
import { EngagementError } from '../../../shared/platform/errors.ts';
import { WireRefusal, type WireResponse } from '../wire.ts';
import { seededRandom } from './seeded-random.ts';

/**
 * Faults on purpose, at the wire: what may go wrong between a function and a service is made to go wrong here, so that
 * no handler holds a hook. Rules live in memory only and are seeded: the same plan strikes the same calls.
 */

const ruleSchema = z.strictObject({
  /** `sqs`, `s3`, `ses`, `sns`, `events`, `scheduler`, `secretsmanager`, `dynamodb`: the prefix of the IAM action. */
  service: z.string().min(1),
  /** `SendRawEmail`; absent: every action of the service. */
  action: z.string().optional(),
  /** Logical id of the calling function, or `operator`; absent: whoever calls. */
  principal: z.string().optional(),
  /**
   * - `drop-reply`: the call is done, its connection is cut before the answer
   * - `hang`: the call is done, the answer never comes
   * - `error-after` / `error-before`: answers 500 (or `error`), the call done or not
   * - `throttle`: not done, the service's own throttling error
   * - `delay`: `ms` of real time, before the call or (`when: 'after'`) before its answer
   * - `duplicate`, `lose`: the delivery of a message or event happens twice, or never
   * - `kill-host`, `kill-system`: SIGKILL to the function host, or to everything
   */
  mode: z.enum([
    'drop-reply',
    'hang',
    'error-after',
    'error-before',
    'throttle',
    'delay',
    'duplicate',
    'lose',
    'kill-host',
    'kill-system',
  ]),
  /** Whether the call is done first; `delay` has `before` as default, all others `after`. */
  when: z.enum(['before', 'after']).optional(),
  /** How many matching calls go by unharmed first. */
  skip: z.int().min(0).default(0),
  /** How many calls are struck at most; absent: no end. */
  times: z.int().min(1).optional(),
  /** The share of matching calls that is struck, drawn from `seed`. */
  share: z.number().min(0).max(1).optional(),
  seed: z.int().default(1),
  ms: z.int().min(0).max(600_000).default(1_000),
  /** What `error-before` and `error-after` answer instead of a plain 500. */
  error: z.strictObject({ status: z.int().min(400).max(599), code: z.string(), message: z.string() }).optional(),
});

/** Services whose deliveries can be lost, or happen twice; a queue loses nothing, so `lose` is not for `sqs`. */
const DELIVERERS: Readonly<Record<'duplicate' | 'lose', readonly string[]>> = {
  duplicate: ['sqs', 'ses', 'sns', 'events', 'scheduler'],
  lose: ['ses', 'sns', 'events', 'scheduler'],
};

const checkedRule = ruleSchema.refine(
  ({ mode, service }) => (mode !== 'duplicate' && mode !== 'lose') || DELIVERERS[mode].includes(service),
  { error: 'this service delivers nothing that could be lost or doubled' },
);

/** One rule of a plan, as `POST /local/faults` takes it. */
export type FaultRule = z.infer<typeof ruleSchema>;
type FaultMode = FaultRule['mode'];

/** A call or a delivery a rule may match. */
interface FaultCall {
  readonly service: string;
  readonly action: string;
  readonly principal: string;
}

/** A rule with how many calls matched it, and how many of those it struck. */
export type ReportedRule = FaultRule & { readonly matched: number; readonly struck: number };

export interface FaultPlan {
  /** The first rule, of those with a wire mode, that strikes this call; counts it. */
  strikeCall(call: FaultCall): FaultRule | undefined;
  /** The same for a delivery: only `duplicate` and `lose`. */
  strikeDelivery(call: FaultCall): 'duplicate' | 'lose' | undefined;
  /** Replaces all rules. @throws EngagementError `bad-input` naming the field that is wrong */
  set(rules: unknown): readonly FaultRule[];
  /** The rules with how often each has matched and struck, for `GET /local/faults`. */
  report(): readonly ReportedRule[];
}

/** Reads rules from outside. @throws EngagementError `bad-input` */
export const parseFaultRules = (rules: unknown): readonly FaultRule[] => {
  const parsed = z.array(checkedRule).safeParse(rules);
  if (parsed.success) return parsed.data;
  throw new EngagementError('bad-input', `fault rules are not readable: ${z.prettifyError(parsed.error)}`);
};

const DELIVERY_MODES: ReadonlySet<FaultMode> = new Set(['duplicate', 'lose']);

/** A plan without rules: everything goes well until `set`. */
export const createFaultPlan = (): FaultPlan => {
  let states: { rule: FaultRule; random: () => number; matched: number; struck: number }[] = [];

  const strike = (call: FaultCall, delivery: boolean): FaultRule | undefined => {
    for (const state of states) {
      const { rule } = state;
      if (DELIVERY_MODES.has(rule.mode) !== delivery) continue;
      if (rule.service !== call.service) continue;
      if (rule.action !== undefined && rule.action !== call.action) continue;
      if (rule.principal !== undefined && rule.principal !== call.principal) continue;
      state.matched++;
      if (state.matched <= rule.skip || state.struck >= (rule.times ?? Number.POSITIVE_INFINITY)) continue;
      if (rule.share !== undefined && state.random() >= rule.share) continue;
      state.struck++;
      return rule;
    }
    return undefined;
  };

  return {
    strikeCall: (call) => strike(call, false),
    strikeDelivery: (call) => strike(call, true)?.mode as 'duplicate' | 'lose' | undefined,
    set(rules) {
      const parsed = parseFaultRules(rules);
      states = parsed.map((rule) => ({ rule, random: seededRandom(rule.seed), matched: 0, struck: 0 }));
      return parsed;
    },
    report: () => states.map(({ rule, matched, struck }) => ({ ...rule, matched, struck })),
  };
};

/** What becomes of a call: an answer, a cut connection, or silence for ever. */
export type CallOutcome =
  | { readonly kind: 'answer'; readonly response: WireResponse }
  | { readonly kind: 'drop' }
  | { readonly kind: 'hang' };

/** The acts a plan needs from outside. */
export interface FaultEffects {
  killHost(): void;
  killSystem(): void;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Performs a call under the rule that struck it. `refuse` answers in the service's own error format. */
export const performUnder = async (
  rule: FaultRule | undefined,
  service: string,
  perform: () => Promise<WireResponse>,
  refuse: (refusal: WireRefusal) => WireResponse,
  effects: FaultEffects,
): Promise<CallOutcome> => {
  if (!rule) return { kind: 'answer', response: await perform() };
  const { mode } = rule;
  if (mode === 'throttle') return { kind: 'answer', response: refuse(throttlingOf(service)) };
  if (mode === 'error-before') return { kind: 'answer', response: refuse(errorOf(rule)) };
  if (mode === 'delay' && rule.when !== 'after') {
    await wait(rule.ms);
    return { kind: 'answer', response: await perform() };
  }
  const response = mode === 'error-after' || rule.when !== 'before' ? await perform() : undefined;
  switch (mode) {
    case 'error-after':
      return { kind: 'answer', response: refuse(errorOf(rule)) };
    case 'delay':
      await wait(rule.ms);
      return response ? { kind: 'answer', response } : { kind: 'drop' };
    case 'hang':
      return { kind: 'hang' };
    case 'kill-host':
      effects.killHost();
      return { kind: 'drop' };
    case 'kill-system':
      effects.killSystem();
      return { kind: 'drop' };
    default:
      return { kind: 'drop' };
  }
};

const errorOf = (rule: FaultRule): WireRefusal => {
  const { status, code, message } = rule.error ?? {
    status: 500,
    code: 'InternalFailure',
    message: 'a fault rule of the local runtime answered this call',
  };
  return new WireRefusal(status, code, message);
};

/** The throttling error as each service spells it, so that the SDK's own retry rules see what they would see. */
const throttlingOf = (service: string): WireRefusal => {
  switch (service) {
    case 'dynamodb':
      return new WireRefusal(
        400,
        'ProvisionedThroughputExceededException',
        'The level of configured provisioned throughput for the table was exceeded.',
      );
    case 's3':
      return new WireRefusal(503, 'SlowDown', 'Please reduce your request rate.');
    case 'ses':
      return new WireRefusal(400, 'Throttling', 'Maximum sending rate exceeded.');
    case 'sqs':
      return new WireRefusal(400, 'RequestThrottled', 'The request was denied due to request throttling.');
    default:
      return new WireRefusal(400, 'ThrottlingException', 'Rate exceeded');
  }
};
