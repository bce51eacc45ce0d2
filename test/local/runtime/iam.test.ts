import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkConditions, matches, refusalOf } from '../../../infra/local/iam.ts';
import { accessKeyOf, OPERATOR, principalOf } from '../../../infra/local/principal.ts';
import type { PolicyStatement } from '../../../infra/local/template/resources.ts';

const allow = (
  actions: string[],
  resources: string[],
  conditions: PolicyStatement['conditions'] = {},
): PolicyStatement => ({
  effect: 'Allow',
  actions,
  resources,
  conditions,
});
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:due';

test.each([
  ['nothing granted', [], false],
  ['the very action and resource', [allow(['sqs:SendMessage'], [QUEUE])], true],
  ['another action', [allow(['sqs:ReceiveMessage'], [QUEUE])], false],
  ['another resource', [allow(['sqs:SendMessage'], [`${QUEUE}-dead`])], false],
  ['action prefix', [allow(['sqs:Send*'], [QUEUE])], true],
  ['action in another case', [allow(['SQS:sendmessage'], [QUEUE])], true],
  ['resource wildcard', [allow(['sqs:SendMessage'], ['arn:aws:sqs:*:*:d?e'])], true],
  ['everything', [allow(['*'], ['*'])], true],
  ['a denial wins', [allow(['*'], ['*']), { ...allow(['sqs:*'], ['*']), effect: 'Deny' as const }], false],
  ['a condition that holds', [allow(['sqs:*'], ['*'], { StringEquals: { 'aws:color': ['red', 'blue'] } })], true],
  ['a condition that does not', [allow(['sqs:*'], ['*'], { StringEquals: { 'aws:color': ['red'] } })], false],
  [
    'a condition on a key the call does not know',
    [allow(['sqs:*'], ['*'], { StringLike: { 'aws:size': ['*'] } })],
    false,
  ],
])('S25 %s', (_, statements, allowed) => {
  const call = { action: 'sqs:SendMessage', resources: [QUEUE], context: { 'aws:Color': 'blue' } };
  expect(refusalOf(statements, call) === undefined).toBe(allowed);
});

test('S25 a call on two resources needs both', () => {
  const statements = [allow(['ses:SendRawEmail'], ['arn:identity'])];
  const refusal = refusalOf(statements, { action: 'ses:SendRawEmail', resources: ['arn:identity', 'arn:set'] });
  expect(refusal).toContain('on resource: arn:set');
});

test('a wildcard matches nothing but itself where its text does not fit', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (head, text) => {
      expect(matches(`${head.replace(/[*?]/g, '')}*`, text)).toBe(text.startsWith(head.replace(/[*?]/g, '')));
    }),
  );
});

test('a condition that cannot be evaluated stops the start', () => {
  const statements = [allow(['*'], ['*'], { DateLessThan: { 'aws:CurrentTime': ['2020-01-01'] } })];
  expect(() => checkConditions(statements, 'app/Role')).toThrow(/"DateLessThan" in app\/Role/);
});

test('the caller is read from the signature, header or link', () => {
  const scope = `${accessKeyOf('Worker')}/20190131/us-east-1/sqs/aws4_request`;
  const header = { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` };
  expect(principalOf(header, new URLSearchParams())).toBe('Worker');
  expect(principalOf({}, new URLSearchParams({ 'X-Amz-Credential': scope }))).toBe('Worker');
  expect(principalOf({}, new URLSearchParams())).toBe(OPERATOR);
});
