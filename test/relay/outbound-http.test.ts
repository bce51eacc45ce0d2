import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createOutboundHttp,
  isPublicAddress,
  outboundNetwork,
  urlRefusal,
} from '../../shared/platform/outbound-http.ts';

describe('what may be called (S19)', () => {
  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'ff02::1',
    'no address',
  ])('%s is no public address', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '::ffff:8.8.8.8', '2606:4700::1111', '223.5.5.5'])(
    '%s is one',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  test.each([
    ['http://gateway.example.com/', 'must be https'],
    ['ftp://gateway.example.com/', 'must be https'],
    ['https://10.0.0.1/', 'is a private address'],
    ['https://[::1]/', 'is a private address'],
    ['https://[::ffff:7f00:1]/', 'is a private address'],
    // numbers that a URL takes for 127.0.0.1
    ['https://2130706433/', 'is a private address'],
    ['https://0x7f.1/', 'is a private address'],
    ['https://localhost/', 'is a private name'],
    ['https://localhost./', 'is a private name'],
    ['https://intranet/', 'is a private name'],
    ['https://printer.local/', 'is a private name'],
    ['https://metadata.google.internal/', 'is a private name'],
    ['https://user:secret@gateway.example.com/', 'holds a user name'],
    ['https://gateway.example.com/#a', 'holds a fragment'],
    ['gateway.example.com', 'is not a URL'],
  ])('%s %s', (url, refusal) => {
    expect(urlRefusal(url, 'public')).toContain(refusal);
  });

  test('https to a public name is right; this machine only where the stage is for trying out', () => {
    expect(urlRefusal('https://sms.evermere.example.com:8443/send?x=1', 'public')).toBeUndefined();
    expect(urlRefusal('http://127.0.0.1:4600/text-gateway/local', 'loopback')).toBeUndefined();
    expect(urlRefusal('http://169.254.169.254/latest/meta-data', 'loopback')).toBe('must be https');
    expect(urlRefusal('https://10.0.0.1/', 'loopback')).toBe('is a private address');
    expect(outboundNetwork('anything')).toBe('public');
  });
});

describe('a call', () => {
  const servers: Server[] = [];
  const serve = async (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> => {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });
  const http = createOutboundHttp('loopback', 300);
  const post = (url: string) =>
    http.post(url, { 'content-type': 'application/json', 'webhook-id': 'x' }, Buffer.from('{"ä":1}'));

  test('carries headers and body; the answer’s first 4 KB come back', async () => {
    let seen = '';
    const url = await serve((request, response) => {
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => {
        seen += chunk;
      });
      request.on('end', () =>
        response.writeHead(202, { 'x-id': request.headers['webhook-id'] }).end('y'.repeat(100_000)),
      );
    });
    const answer = await post(url);
    expect(answer).toMatchObject({ kind: 'answered', status: 202 });
    expect(answer.kind === 'answered' && answer.body).toBe('y'.repeat(4_096));
    expect(seen).toBe('{"ä":1}');
  });

  test('follows no redirect, reads Retry-After', async () => {
    let calls = 0;
    const url = await serve((_, response) => {
      calls += 1;
      response.writeHead(302, { location: '/elsewhere', 'retry-after': '7' }).end();
    });
    expect(await post(url)).toEqual({ kind: 'answered', status: 302, body: '', retryAfter: 7 });
    expect(calls).toBe(1);
  });

  test('without an answer in time, or with a broken one, nobody knows whether it was taken', async () => {
    expect(await post(await serve(() => {}))).toMatchObject({ kind: 'lost' });
    expect(await post(await serve((request) => request.socket.destroy()))).toMatchObject({ kind: 'lost' });
    const half = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('abc', () => response.destroy());
    });
    expect(await post(half)).toMatchObject({ kind: 'answered', status: 200, body: 'abc' });
  });

  test('where nobody listens, or where it must not go, nothing left us', async () => {
    const url = await serve(() => {});
    servers.splice(0).map((server) => server.close());
    expect(await post(url)).toEqual({ kind: 'not-sent', code: 'ECONNREFUSED' });
    let called = false;
    const open = await serve((_, response) => {
      called = true;
      response.end();
    });
    expect(await createOutboundHttp('public').post(open, {}, Buffer.from(''))).toEqual({
      kind: 'not-sent',
      code: 'EPRIVATE',
    });
    // a name that resolves to this machine: refused at the moment of the call
    const https = open.replace('http://127.0.0.1', 'https://localhost.localdomain');
    expect((await createOutboundHttp('public', 2_000).post(https, {}, Buffer.from(''))).kind).toBe('not-sent');
    expect(called).toBe(false);
  });
});
