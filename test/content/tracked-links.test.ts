import { describe, expect, test } from 'vitest';
import { mayBeLinked } from '../../shared/content/link-domains.ts';
import { createMailRenderer } from '../../shared/content/render-mail.ts';
import type { MailVariant } from '../../shared/content/template.ts';
import { trackedTargets, withClickLinks } from '../../shared/content/tracked-links.ts';
import { parseMail } from './parse-mail.ts';
import { mailOf, shippedMails } from './samples.ts';

const variant: MailVariant = {
  locale: 'zh-CN',
  hash: '0123456789abcdef0123456789abcdef',
  subject: 'x',
  html: [
    '<p><a href="https://www.evermere.example/tips?a=1&amp;b=2">tips</a>',
    '<a href="https://www.evermere.example/tips?a=1&amp;b=2">again</a>',
    '<a href="https://evermere.example/">https://evermere.example/</a>',
    '<a href="{{ links.renew }}">renew</a><a href="{{ links.unsubscribe }}">stop</a>',
    '<a href="mailto:service@evermere.example">write</a><a href="tel:+8640000">call</a>',
    '<img src="https://www.evermere.example/logo.png" alt="logo"></p>',
  ].join(''),
  text: [
    'tips <https://www.evermere.example/tips?a=1&b=2>',
    'https://evermere.example/',
    'https://evermere.example/other',
    '{{ links.renew }} {{ links.unsubscribe }} mailto:service@evermere.example tel:+8640000',
  ].join('\n'),
};
const TARGETS = ['https://www.evermere.example/tips?a=1&b=2', 'https://evermere.example/'];
const CLICKS = ['https://pages.example/c/one', 'https://pages.example/c/two'];

describe('links to other sites', () => {
  test('each is found once; our own pages, addresses that are values, mailto, tel and pictures are none', () => {
    expect(trackedTargets(variant)).toEqual(TARGETS);
    expect(trackedTargets(variant)).toBe(trackedTargets(variant));
  });

  test('in the mail they are click links, in the HTML and in the text; nothing else changes', async () => {
    const data = {
      ...mailOf().data,
      links: { ...mailOf().data.links, renew: 'https://pages.example/r/x', unsubscribe: 'https://pages.example/u/x' },
    };
    const template = { ...mailOf().template, variants: [variant] };
    const render = async (clicks?: readonly string[]) => {
      const made = createMailRenderer().render({ ...mailOf(), template, data, ...(clicks ? { clicks } : {}) });
      if (made.kind === 'failed') throw new Error(made.detail);
      return parseMail(Buffer.from(made.raw));
    };
    const [plain, tracked] = await Promise.all([render(), render(CLICKS)]);
    const hrefs = (html: string) => Array.from(html.matchAll(/(?:href|src)="([^"]+)"/g), ([, url]) => url);
    expect(hrefs(tracked.html)).toEqual([
      CLICKS[0],
      CLICKS[0],
      CLICKS[1],
      'https://pages.example/r/x',
      'https://pages.example/u/x',
      'mailto:service@evermere.example',
      'tel:+8640000',
      'https://www.evermere.example/logo.png',
    ]);
    expect(tracked.html).toContain('>https://evermere.example/</a>');
    expect(tracked.text).toBe(
      plain.text.replace(TARGETS[0] as string, CLICKS[0] as string).replace(`${TARGETS[1]}\n`, `${CLICKS[1]}\n`),
    );
    // the same renderer renders the next campaign, which tracks nothing, as ever
    expect(hrefs(plain.html)).toContain('https://evermere.example/');
  });

  test('a variant without such links is rendered as it is', () => {
    for (const template of shippedMails) for (const one of template.variants) expect(withClickLinks(one)).toEqual(one);
  });

  test.each([
    ['https://www.evermere.example/x', true],
    ['https://evermere.example', true],
    ['http://www.evermere.example/x', false],
    ['https://evil.example/x', false],
    ['https://evermere.example.evil.example/', false],
    ['https://evermere.example@evil.example/', false],
    ['https://user@evermere.example/', false],
    ['//evermere.example/x', false],
    ['javascript:alert(1)', false],
    ['https://evermere.example/{{ customer.name }}', false],
    ['https://evermere.example\\@evil.example', false],
    ['', false],
  ])('S23: %j may be linked: %s', (url, may) => {
    expect(mayBeLinked(url)).toBe(may);
  });
});
