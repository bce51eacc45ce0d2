import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createSesMailer } from '../../shared/message/ses-mailer.ts';

const OK =
  '<SendRawEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendRawEmailResult><MessageId>ses-1</MessageId></SendRawEmailResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></SendRawEmailResponse>';
const fault = (code: string, message = 'x'): string =>
  `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;

let close: () => void = () => {};
afterEach(() => close());

/** SES as far as one call goes: what came in, and an answer of the test's choice. */
const serve = async (respond: (request: IncomingMessage, response: ServerResponse) => void) => {
  const received: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString();
    });
    request.on('end', () => {
      received.push(new URLSearchParams(body));
      respond(request, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  const mailer = createSesMailer('perennial-test', {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: { requestTimeout: 200, throwOnRequestTimeout: true },
    // what a container's environment may ask for must not bring retries back
    maxAttempts: 3,
    retryMode: 'adaptive',
  });
  const send = () =>
    mailer.send({
      raw: Buffer.from('Subject: x\r\n\r\ny'),
      to: 'a@example.com',
      tags: { party: 'p1', class: 'service' },
    });
  return { received, send };
};

const answer = (status: number, body: string) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
};

describe('SES by its v1 protocol', () => {
  test('sends the bytes as they are, to one recipient, with the tags and the configuration set', async () => {
    const { received, send } = await serve(answer(200, OK));
    expect(await send()).toEqual({ kind: 'accepted', messageId: 'ses-1' });
    const form = received[0] as URLSearchParams;
    expect(form.get('Action')).toBe('SendRawEmail');
    expect(form.get('Destinations.member.1')).toBe('a@example.com');
    expect(form.get('Destinations.member.2')).toBeNull();
    expect(form.get('ConfigurationSetName')).toBe('perennial-test');
    expect([form.get('Tags.member.1.Name'), form.get('Tags.member.1.Value')]).toEqual(['party', 'p1']);
    expect(Buffer.from(form.get('RawMessage.Data') ?? '', 'base64').toString()).toBe('Subject: x\r\n\r\ny');
  });

  test.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['the connection is reset', (request) => request.socket.destroy()],
    ['nothing comes back', () => {}],
    ['500 after accepting', answer(500, fault('InternalFailure'))],
    ['503', answer(503, fault('ServiceUnavailable'))],
    [
      'half an answer',
      (_, response) => response.writeHead(200, { 'content-length': '900' }).write('<SendRaw', () => response.destroy()),
    ],
  ])('F04: %s: the outcome is unknown and the call was made once', async (_, respond) => {
    const { received, send } = await serve(respond);
    expect((await send()).kind).toBe('unknown');
    expect(received.length).toBe(1);
  });

  test.each<[string, number, string, object]>([
    ['rate', 400, fault('Throttling', 'Maximum sending rate exceeded.'), { kind: 'throttled' }],
    ['daily quota', 400, fault('Throttling', 'Daily message quota exceeded.'), { kind: 'throttled' }],
    ['account paused', 400, fault('AccountSendingPausedException'), { kind: 'throttled' }],
    ['set paused', 400, fault('ConfigurationSetSendingPausedException'), { kind: 'throttled' }],
    ['bad content', 400, fault('MessageRejected', 'Message contains a virus'), { kind: 'refused', permanent: true }],
    [
      'bad address',
      400,
      fault('InvalidParameterValue', 'Domain contains dot-string'),
      { kind: 'refused', permanent: true },
    ],
    ['sandbox', 400, fault('MessageRejected', 'Email address is not verified.'), { kind: 'refused', permanent: false }],
    ['no such set', 400, fault('ConfigurationSetDoesNotExist'), { kind: 'refused', permanent: false }],
    ['no permission', 403, fault('AccessDenied'), { kind: 'refused', permanent: false }],
  ])('%s: surely not sent', async (_, status, body, expected) => {
    const { received, send } = await serve(answer(status, body));
    expect(await send()).toMatchObject(expected);
    expect(received.length).toBe(1);
  });

  test('nobody listens: surely not sent', async () => {
    const { send } = await serve(answer(200, OK));
    close();
    expect(await send()).toMatchObject({ kind: 'refused', permanent: false });
  });

  test('N7: an answer never carries the address', async () => {
    const { send } = await serve(answer(400, fault('MessageRejected', 'Email address is not verified: a@example.com')));
    expect(JSON.stringify(await send())).not.toContain('example.com');
  });
});
