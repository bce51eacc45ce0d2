import type { AgentClass } from './click.ts';

/**
 * Programs that follow links and say who they are. A list of what announces itself, no more: the checkers that matter most
 * pose as a browser, and are told by what they do (`judgeClicks`). Sources: the programs' own documentation of the names
 * under which they fetch, as of 2026; each row says whose they are.
 */
const SCANNERS: readonly (readonly [pattern: RegExp, whose: string])[] = [
  [/barracuda|cudasvc/i, 'Barracuda Link Protection'],
  [/proofpoint|urldefense/i, 'Proofpoint URL Defense'],
  [/mimecast/i, 'Mimecast URL Protect'],
  [/ciscosecure|ironport|cisco email/i, 'Cisco Secure Email'],
  [/trend ?micro|\btmes\b/i, 'Trend Micro Email Security'],
  [/fortinet|fortimail|forti(guard|sandbox)/i, 'Fortinet'],
  [/sophos|symantec|messagelabs|forcepoint|zscaler|bitdefender|avast|kaspersky/i, 'other mail and web filters'],
  [/safelinks|microsoft (office|exchange|outlook)|ms-?office|skypeuripreview|bingpreview/i, 'Microsoft 365'],
  [/google(imageproxy|bot|-read-aloud|-safety)|feedfetcher|apis-google/i, 'Google'],
  [/yahoomailproxy|yahoo! slurp/i, 'Yahoo'],
  [/qq-url-manager|tencent(traveler-scan|-security)|wechat-?urlcheck/i, 'Tencent URL check'],
  [/facebookexternal|whatsapp\/|telegrambot|slackbot|discordbot|twitterbot|linkedinbot|line-poker/i, 'link previews'],
  [/headless|phantomjs|puppeteer|playwright|selenium/i, 'browsers without a person'],
  [
    /\b(curl|wget|python|aiohttp|httpx|go-http-client|java|okhttp|axios|node-fetch|undici|ruby|perl|libwww)\b/i,
    'tools',
  ],
  [/apache-httpclient|jakarta|guzzlehttp|lua-resty|scrapy|\bjetty\b/i, 'tools'],
  [/(?<!cu)bot\b|crawl|spider|scanner|preview|monitor|validator|link ?check/i, 'anything that says so'],
];

/** A fetch in advance, by a browser or mailbox that nobody has told to open the link. */
const isPrefetch = (purpose: string | undefined): boolean => /prefetch|prerender|preview/i.test(purpose ?? '');

/**
 * Which kind of program a user agent names.
 * @param purpose the request's `Sec-Purpose` or `Purpose`, where it has one
 */
export const agentClassOf = (userAgent: string | undefined, purpose?: string): AgentClass => {
  const said = (userAgent ?? '').slice(0, 1_000).trim();
  if (isPrefetch(purpose)) return 'scanner';
  if (said === '') return 'unknown';
  if (SCANNERS.some(([pattern]) => pattern.test(said))) return 'scanner';
  // every browser that people read mail in begins so, those inside WeChat and DingTalk too
  return /^mozilla\/5\.0 \(/i.test(said) ? 'browser' : 'unknown';
};
