import { describe, expect, test } from 'vitest';
import {
  createFaultPlan,
  type FaultRule,
  parseFaultRules,
  performUnder,
} from '../../../infra/local/fakes/fault-plan.ts';
import type { WireRefusal, WireResponse } from '../../../infra/local/wire.ts';

const CALL = { service: 'ses', action: 'SendRawEmail', principal: 'SendMail' };
const strikes = (plan: ReturnType<typeof createFaultPlan>, calls: number, call = CALL): string =>
  Array.from({ length: calls }, () => (plan.strikeCall(call) ? 'x' : '.')).join('');

describe('a fault plan', () => {
  test('strikes what its rule names: service, action, principal', () => {
    const plan = createFaultPlan();
    plan.set([{ service: 'ses', action: 'SendRawEmail', principal: 'SendMail', mode: 'hang' }]);
    expect(plan.strikeCall(CALL)?.mode).toBe('hang');
    expect(plan.strikeCall({ ...CALL, service: 'sqs' })).toBeUndefined();
    expect(plan.strikeCall({ ...CALL, action: 'GetSendQuota' })).toBeUndefined();
    expect(plan.strikeCall({ ...CALL, principal: 'operator' })).toBeUndefined();
    plan.set([]);
    expect(plan.strikeCall(CALL)).toBeUndefined();
  });

  test('lets some go by, strikes some, then is spent; what one rule leaves the next may take', () => {
    const plan = createFaultPlan();
    plan.set([{ service: 'ses', mode: 'drop-reply', skip: 2, times: 3 }]);
    expect(strikes(plan, 8)).toBe('..xxx...');
    plan.set([
      { service: 'ses', mode: 'drop-reply', times: 1 },
      { service: 'ses', mode: 'throttle', skip: 1 },
    ]);
    const modes = Array.from({ length: 4 }, () => plan.strikeCall(CALL)?.mode);
    expect(modes).toEqual(['drop-reply', undefined, 'throttle', 'throttle']);
  });

  test('a share is drawn from its seed: the same every time, another with another seed', () => {
    const draw = (seed: number): string => {
      const plan = createFaultPlan();
      plan.set([{ service: 'ses', mode: 'drop-reply', share: 0.3, seed }]);
      return strikes(plan, 1_000);
    };
    expect(draw(1)).toBe(draw(1));
    expect(draw(1)).not.toBe(draw(2));
    const struck = draw(1).split('x').length - 1;
    expect(struck).toBeGreaterThan(250);
    expect(struck).toBeLessThan(350);
  });

  test('deliveries and calls have rules of their own', () => {
    const plan = createFaultPlan();
    plan.set([{ service: 'ses', mode: 'lose', times: 1 }]);
    expect(plan.strikeCall(CALL)).toBeUndefined();
    expect([plan.strikeDelivery(CALL), plan.strikeDelivery(CALL)]).toEqual(['lose', undefined]);
    expect(plan.report()).toMatchObject([{ mode: 'lose', matched: 2, struck: 1 }]);
  });

  test.each([
    [[{ service: 'ses', mode: 'explode' }], /mode/],
    [[{ service: 'ses', mode: 'hang', tims: 1 }], /tims/],
    [[{ service: 'sqs', mode: 'lose' }], /delivers nothing that could be lost/],
    [[{ service: 's3', mode: 'duplicate' }], /delivers nothing/],
    [{}, /expected array/],
  ])('%j is refused', (rules, message) => {
    expect(() => parseFaultRules(rules)).toThrow(message);
  });
});

describe('a call under a rule', () => {
  const under = async (rule: object | undefined) => {
    const killed: string[] = [];
    let done = 0;
    const perform = async (): Promise<WireResponse> => {
      done++;
      return { status: 200, body: 'done' };
    };
    const refuse = (refusal: WireRefusal): WireResponse => ({ status: refusal.status, body: refusal.code });
    const effects = { killHost: () => killed.push('host'), killSystem: () => killed.push('system') };
    const [parsed] = rule === undefined ? [] : parseFaultRules([{ service: 'ses', ...rule }]);
    const outcome = await performUnder(parsed as FaultRule | undefined, 'ses', perform, refuse, effects);
    const what = outcome.kind === 'answer' ? String(outcome.response.body) : outcome.kind;
    return { what, done, killed };
  };
  const cases: [rule: object | undefined, what: string, done: number, killed: string[]][] = [
    [undefined, 'done', 1, []],
    [{ mode: 'drop-reply' }, 'drop', 1, []],
    [{ mode: 'drop-reply', when: 'before' }, 'drop', 0, []],
    [{ mode: 'hang' }, 'hang', 1, []],
    [{ mode: 'hang', when: 'before' }, 'hang', 0, []],
    [{ mode: 'error-after' }, 'InternalFailure', 1, []],
    [{ mode: 'error-before' }, 'InternalFailure', 0, []],
    [
      { mode: 'error-before', error: { status: 400, code: 'AccountSendingPausedException', message: 'x' } },
      'AccountSendingPausedException',
      0,
      [],
    ],
    [{ mode: 'throttle' }, 'Throttling', 0, []],
    [{ mode: 'delay', ms: 5 }, 'done', 1, []],
    [{ mode: 'delay', ms: 5, when: 'after' }, 'done', 1, []],
    [{ mode: 'kill-host' }, 'drop', 1, ['host']],
    [{ mode: 'kill-host', when: 'before' }, 'drop', 0, ['host']],
    [{ mode: 'kill-system', when: 'before' }, 'drop', 0, ['system']],
  ];
  test.each(cases)('%j: %s, done %i times', async (rule, what, done, killed) => {
    expect(await under(rule)).toEqual({ what, done, killed });
  });
});
