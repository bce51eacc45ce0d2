import * as z from 'zod';
import { WireRefusal, type WireRequest, type WireResponse } from '../wire.ts';

/** The AWS JSON protocols: the action in `x-amz-target`, parameters and answer as JSON. */

/** `SendMessage` of `AmazonSQS.SendMessage`. */
export const jsonOperation = (request: WireRequest): string => request.headers['x-amz-target']?.split('.')[1] ?? '';

/** Reads a call's parameters. @throws WireRefusal where one is wrong, or one is given that the fake does not know */
export const readJson = <Input>(schema: z.ZodType<Input>, request: WireRequest, what: string): Input => {
  let input: unknown;
  try {
    input = JSON.parse(request.body.toString('utf8') || '{}');
  } catch {
    throw new WireRefusal(400, 'SerializationException', `${what}: the request body is not JSON`);
  }
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const unknown = parsed.error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  const message =
    unknown.length > 0
      ? `${what} with parameter ${unknown.join(', ')} is not covered by the local runtime`
      : `${what}: ${z.prettifyError(parsed.error)}`;
  throw new WireRefusal(400, 'ValidationException', message);
};

/** An answer in AWS JSON of that version. */
export const jsonAnswer = (version: '1.0' | '1.1', body: unknown): WireResponse => ({
  status: 200,
  headers: { 'content-type': `application/x-amz-json-${version}` },
  body: JSON.stringify(body ?? {}),
});

/** A refusal in AWS JSON of that version. */
export const jsonRefusal = (
  version: '1.0' | '1.1',
  { status, code, message }: WireRefusal,
  headers: Readonly<Record<string, string>> = {},
): WireResponse => ({
  status,
  headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amzn-errortype': code, ...headers },
  body: JSON.stringify({ __type: code, message }),
});

/** The refusal of an operation that no fake covers. */
export const notCovered = (action: string): WireRefusal =>
  new WireRefusal(400, 'UnknownOperationException', `${action} is not covered by the local runtime`);
