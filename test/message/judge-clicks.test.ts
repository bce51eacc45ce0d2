import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Click } from '../../shared/message/click.ts';
import { agentClassOf } from '../../shared/message/click-agents.ts';
import { BURST, judgeClicks, TOO_SOON } from '../../shared/message/judge-clicks.ts';
import { HOUR, type Instant, MINUTE, SECOND } from '../../shared/platform/time.ts';

const DELIVERED = 1_700_000_000_000 as Instant;
const click = (target: string, after: number, agent: Click['agent'] = 'browser'): Click => ({
  target,
  at: (DELIVERED + after) as Instant,
  agent,
});
const judged = (...clicks: Click[]) =>
  judgeClicks(clicks, DELIVERED).map((one) => (one.by === 'person' ? 'person' : one.sign));

describe('who clicked', () => {
  test.each<[string, Click[], string[]]>([
    ['one link, a minute after the mail', [click('a', MINUTE)], ['person']],
    ['one link, the moment it came', [click('a', 3 * SECOND)], ['too-soon']],
    ['one link, before it was delivered', [click('a', -MINUTE)], ['too-soon']],
    ['just late enough', [click('a', TOO_SOON)], ['person']],
    ['just too soon', [click('a', TOO_SOON - 1)], ['too-soon']],
    [
      'all links at once',
      [click('a', HOUR), click('b', HOUR + 300), click('c', HOUR + 700)],
      ['burst', 'burst', 'burst'],
    ],
    ['two links, two seconds apart', [click('a', HOUR), click('b', HOUR + BURST)], ['burst', 'burst']],
    ['two links, as a person reads', [click('a', HOUR), click('b', HOUR + 9 * SECOND)], ['person', 'person']],
    ['one link twice, pressed in haste', [click('a', HOUR), click('a', HOUR + 400)], ['person', 'person']],
    ['who says that it is a scanner', [click('a', HOUR, 'scanner')], ['agent']],
    ['who says nothing at all', [click('a', HOUR, 'unknown')], ['agent']],
    [
      'a scanner, and the reader after it',
      [click('a', 4 * SECOND), click('b', 4 * SECOND), click('a', 5 * MINUTE)],
      ['too-soon', 'too-soon', 'person'],
    ],
    [
      'a scanner that comes while somebody reads',
      [click('b', HOUR, 'scanner'), click('a', HOUR + SECOND)],
      ['agent', 'burst'],
    ],
  ])('%s', (_, clicks, by) => {
    expect(judged(...clicks)).toEqual(by);
  });

  const anyClick = fc.record({
    target: fc.constantFrom('a', 'b', 'c', 'd'),
    at: fc.integer({ min: -MINUTE, max: 2 * HOUR }).map((after) => (DELIVERED + after) as Instant),
    agent: fc.constantFrom<Click['agent'][]>('browser', 'browser', 'browser', 'scanner', 'unknown'),
  });
  const anyClicks = fc.array(anyClick, { maxLength: 25 });

  test('the order in which they were noted says nothing', () => {
    fc.assert(
      fc.property(anyClicks, fc.infiniteStream(fc.nat()), (clicks, keys) => {
        const shuffled = clicks.map((one) => ({ one, key: keys.next().value as number }));
        const other = shuffled.toSorted((a, b) => a.key - b.key).map(({ one }) => one);
        const sorted = (list: readonly Click[]) =>
          judgeClicks(list, DELIVERED)
            .map((one) => JSON.stringify(one))
            .toSorted();
        expect(sorted(other)).toEqual(sorted(clicks));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('what comes more than two seconds later changes no verdict: judged once, judged for good', () => {
    fc.assert(
      fc.property(anyClicks, anyClicks, (before, after) => {
        const end = Math.max(DELIVERED, ...before.map(({ at }) => at)) + BURST + 1;
        const later = after.map((one) => ({ ...one, at: (end + Math.abs(one.at - DELIVERED)) as Instant }));
        const all = judgeClicks([...before, ...later], DELIVERED);
        expect(all.slice(0, before.length)).toEqual(judgeClicks(before, DELIVERED));
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  test('a person is nobody’s but a browser’s, never too soon and never beside another link; all others are scanners', () => {
    fc.assert(
      fc.property(anyClicks, (clicks) => {
        const all = judgeClicks(clicks, DELIVERED);
        expect(all).toHaveLength(clicks.length);
        for (const one of all) {
          const alone = clicks.every(
            (other) => other.target === one.target || Math.abs(other.at - one.at) > 2 * SECOND,
          );
          const human = one.agent === 'browser' && one.at - DELIVERED >= 10 * SECOND && alone;
          expect(one.by).toBe(human ? 'person' : 'scanner');
        }
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  test.each([
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.49', 'browser'],
    ['Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36', 'browser'],
    ['Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 DingTalk/7.5.20 Mobile Safari/537.36', 'browser'],
    ['Mozilla/5.0 (Linux; U; Android 13; zh-cn) AppleWebKit/537.36 MQQBrowser/14.5 Mobile Safari/537.36', 'browser'],
    ['Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 Mobile Safari/537.36', 'browser'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0', 'browser'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15', 'browser'],
    ['Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)', 'scanner'],
    ['YahooMailProxy; https://help.yahoo.com/', 'scanner'],
    ['Mozilla/5.0 (compatible; Barracuda Sentinel (EE))', 'scanner'],
    ['Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)', 'scanner'],
    ['Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 HeadlessChrome/126.0 Safari/537.36', 'scanner'],
    ['Mozilla/5.0 (compatible; QQ-URL-Manager/1.0)', 'scanner'],
    ['Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0)', 'scanner'],
    ['Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)', 'scanner'],
    ['python-requests/2.32', 'scanner'],
    ['Go-http-client/2.0', 'scanner'],
    ['okhttp/4.12.0', 'scanner'],
    ['Something Nobody Knows/1.0', 'unknown'],
    ['', 'unknown'],
    [undefined, 'unknown'],
    [`Mozilla/5.0 (${'x'.repeat(100_000)} bot`, 'browser'],
  ])('%s is a %s', (agent, kind) => {
    expect(agentClassOf(agent)).toBe(kind);
  });

  test('a fetch in advance is nobody’s click', () => {
    expect(agentClassOf('Mozilla/5.0 (Windows NT 10.0) Chrome/126', 'prefetch;anonymous-client-ip')).toBe('scanner');
  });
});
