import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createGuesses, MISSES } from '../../shared/message/guesses.ts';
import { createLinks, type LinkPurpose } from '../../shared/message/links.ts';
import { networkOf } from '../../shared/page/source.ts';
import { type Instant, MINUTE } from '../../shared/platform/time.ts';
import { createPageRig, type PageRig } from '../support/pages.ts';
import { createSurveyRig, onePage } from '../support/survey-pages.ts';
import { tableEngines } from '../support/tables.ts';

const from = (rig: PageRig, address: string, code: string) =>
  rig.app.request(`https://pages.example/k/${code}`, {}, { requestContext: { http: { sourceIp: address } } });
const wrongCode = (n: number): string => `z${String(2_222_222 + n * 7).replaceAll(/[01]/g, '9')}`;

describe('guessing short codes', () => {
  test('S28: after twenty wrong ones the source waits, also with a right one; others do not', async () => {
    const rig = await createPageRig();
    const code = await rig.codes.create('send-1', { ...rig.claims, purpose: 'renew' });
    for (let n = 0; n < MISSES; n += 1) {
      // a right one is never slowed down before that
      expect((await from(rig, '203.0.113.7', code)).status).toBe(303);
      expect((await from(rig, '203.0.113.7', wrongCode(n))).status).toBe(404);
    }
    for (const tried of [wrongCode(99), code]) {
      const response = await from(rig, '203.0.113.7', tried);
      expect(response.status).toBe(429);
      const wait = Number(response.headers.get('retry-after'));
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(600);
      expect(await response.text()).toContain('Too many attempts');
    }
    expect((await from(rig, '203.0.113.8', code)).status).toBe(303);
    rig.at((rig.start + 10 * MINUTE) as Instant);
    expect((await from(rig, '203.0.113.7', code)).status).toBe(303);
  });

  test('an IPv6 source is its network, however it turns its addresses', async () => {
    const rig = await createPageRig();
    for (let n = 0; n < MISSES; n += 1) await from(rig, `2001:db8:1:2:${n}::1`, wrongCode(n));
    expect((await from(rig, '2001:0db8:0001:0002::9', wrongCode(50))).status).toBe(429);
    expect((await from(rig, '2001:db8:1:3::1', wrongCode(51))).status).toBe(404);
  });

  test('S36: no address of a network is stored or logged, and the counter is forgotten', async () => {
    const rig = await createPageRig();
    await from(rig, '203.0.113.7', wrongCode(1));
    const [item] = rig.table.all().filter(({ entity }) => entity === 'Guesses');
    expect(Number(item?.expiresAt)).toBeGreaterThan(rig.start / 1_000);
    expect(JSON.stringify([rig.table.all(), rig.logged])).not.toContain('203.0.113');
    expect(rig.logged).toEqual([{ level: 'info', name: 'code.missed', fields: { blocked: false } }]);
  });

  test('what is no code at all counts, too', async () => {
    const rig = await createPageRig();
    for (let n = 0; n < MISSES; n += 1) await from(rig, '198.51.100.1', `not-a-code-${n}`);
    expect((await from(rig, '198.51.100.1', 'x')).status).toBe(429);
  });

  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:DB8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:1:2:3:4', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s is of %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test('the network of an address depends on its first 64 bits alone', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        fc.pre(!address.includes('.'));
        return networkOf(networkOf(address).replace('::/64', '::abcd')) === networkOf(address);
      }),
    );
  });

  describe.each(tableEngines)('counted over $name', (engine) => {
    test('wrong codes at once are all counted', async () => {
      const guesses = createGuesses(await engine.make(), Buffer.from('0123456789abcdef'));
      await Promise.all(Array.from({ length: MISSES - 1 }, () => guesses.miss('a', 1_000 as Instant)));
      expect(await guesses.waitOf('a', 1_000 as Instant)).toBe(0);
      await guesses.miss('a', 1_000 as Instant);
      expect(await guesses.waitOf('a', 1_000 as Instant)).toBe(599);
      expect(await guesses.waitOf('b', 1_000 as Instant)).toBe(0);
    });
  });
});

/** Guesses that ask the app itself; `GUESSES=100000` takes ten seconds of a core. */
const ASKED = Number(process.env.GUESSES ?? 10_000);

/** Half of them know all of a real link but its code: claims of the next customer, a random code. */
const guessesOf = (token: string, count: number): readonly string[] => {
  const bytes = Buffer.from(token, 'base64url');
  // a small generator with a seed: the same guesses each time
  let state = 20_190_131;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
  return Array.from({ length: count }, (_, n) => {
    const guess = Buffer.from(bytes);
    if (n % 2 === 0) guess.writeUInt32BE(n, 8);
    const from = n % 2 === 0 ? guess.length - 16 : 0;
    for (let at = from; at + 4 <= guess.length; at += 4) guess.writeUInt32BE(next(), at);
    return guess.toString('base64url');
  });
};

describe('guessing tokens', () => {
  test(`S28: of ${ASKED} guessed addresses of surveys none opens anything, and none is told from another`, {
    timeout: 120_000,
  }, async () => {
    const rig = await createSurveyRig({ survey: onePage });
    const token = rig.pathOf().split('/').at(-1) as string;
    expect((await rig.get(`/s/${token}`)).status).toBe(200);
    rig.takeReads();
    const statuses = new Map<number, number>();
    const bodies = new Set<number>();
    for (const guess of guessesOf(token, ASKED)) {
      const response = await rig.get(`/s/${guess}`);
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      bodies.add((await response.arrayBuffer()).byteLength);
    }
    expect([...statuses]).toEqual([[404, ASKED]]);
    expect(bodies.size).toBe(1);
    // a guess costs no read of the table
    expect(rig.takeReads()).toBe(0);
  });

  test('S28: of 100,000 guesses none is a link, whatever it is for', () => {
    const links = createLinks(Buffer.from('a secret of thirty-two characters'), 'https://pages.example');
    const expiresAt = 2_000_000_000_000 as Instant;
    const claims = { partyId: '01jcustomer0000000000000zh', survey: 'renewal', surveyVersion: 'v', expiresAt } as never;
    const token = links
      .url({ ...(claims as object), purpose: 'survey' } as never)
      .split('/')
      .at(-1) as string;
    expect(links.read('survey', token, 0 as Instant).kind).toBe('valid');
    const purposes: readonly LinkPurpose[] = ['survey', 'renew', 'unsubscribe', 'preferences'];
    const hits = guessesOf(token, 100_000).filter(
      (guess, n) => links.read(purposes[n % purposes.length] as LinkPurpose, guess, 0 as Instant).kind !== 'invalid',
    );
    expect(hits).toEqual([]);
  });
});
