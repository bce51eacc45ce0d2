import { describe, expect, test } from 'vitest';
import { envelopeSchema, policyAdminEvents, readDetail } from '../../shared/policy/customer-event.ts';

const envelope = (type: string, detail: Record<string, unknown>) =>
  envelopeSchema.parse({
    version: '0',
    id: 'e1',
    source: 'policy.admin',
    'detail-type': type,
    account: '000000000000',
    time: '2018-12-20T10:00:00Z',
    region: 'us-east-1',
    resources: [],
    detail: { schemaVersion: 1, eventId: 'x1', occurredAt: '2018-12-20T09:59:00+01:00', ...detail },
  });
const read = (type: string, detail: Record<string, unknown>) => readDetail(policyAdminEvents, envelope(type, detail));
const renewed = { policyNo: ' P1 ', termStartsOn: '2019-01-15', nextRenewalOn: '2020-01-15' };

describe('events of the policy administration', () => {
  test('reads what the interface says, and drops what it does not', () => {
    const { type, detail } = read('PolicyRenewed', {
      ...renewed,
      premium: { minor: 21_000, currency: 'EUR' },
      extra: 1,
    });
    expect(type).toBe('PolicyRenewed');
    expect(detail).toEqual({
      schemaVersion: 1,
      eventId: 'x1',
      occurredAt: Date.parse('2018-12-20T08:59:00Z'),
      policyNo: 'P1',
      termStartsOn: '2019-01-15',
      nextRenewalOn: '2020-01-15',
      premium: { minor: 21_000, currency: 'EUR' },
    });
  });

  test.each([[210.5], ['210.50'], [{ amount: '210.50', currency: 'EUR' }], [null], [undefined]])(
    'takes a premium as %j',
    (premium) => expect(() => read('PolicyRenewed', { ...renewed, premium })).not.toThrow(),
  );

  test.each([
    ['an unknown version', 'PolicyRenewed', { ...renewed, schemaVersion: 2 }, 'unknown-version'],
    ['no version', 'PolicyRenewed', { ...renewed, schemaVersion: undefined }, 'unknown-version'],
    ['an unknown type', 'PolicyEaten', {}, 'bad-input'],
    ['a name of Object.prototype as type', 'constructor', {}, 'bad-input'],
    ['a day that does not exist', 'PolicyRenewed', { ...renewed, termStartsOn: '2019-02-29' }, 'bad-input'],
    ['no policy number', 'PolicyLapsed', { effectiveOn: '2019-01-15' }, 'bad-input'],
    [
      'a channel nobody has',
      'ConsentChanged',
      { customerRef: 'c', channel: 'fax', purpose: 'service', given: true },
      'bad-input',
    ],
  ])('F09, F39: refuses %s for good', (_, type, detail, code) => {
    expect(() => read(type, detail)).toThrow(expect.objectContaining({ code, retryable: false }));
  });

  test('S36: the refusal names places, never values', () => {
    try {
      read('ConsentChanged', { customerRef: 'Ana Li', channel: 'Ana Li', purpose: 'service', given: true });
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).toContain('channel');
      expect((error as Error).message).not.toContain('Ana');
    }
  });
});
