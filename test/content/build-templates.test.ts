import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compileLetter } from '../../scripts/templates/compile-letter.ts';
import { compileMail } from '../../scripts/templates/compile-mail.ts';
import { textPart } from '../../scripts/templates/text-part.ts';
import { createLiquid } from '../../shared/content/liquid.ts';
import { mailTemplates } from '../../shared/content/mail-templates.ts';
import { type SenderSource, senderFor } from '../../shared/content/sender.ts';

const root = `${import.meta.dirname}/../../templates/mail/blocks/`;
const blocks = (name: string, locale: string): string | undefined => {
  try {
    return readFileSync(`${root}${locale === '' ? name : `${name}/${locale}`}.mjml`, 'utf8');
  } catch {
    return undefined;
  }
};

/** Compiles a mail with this in its body (and head); the rest is as it should be. */
const compile = (body: string, head: Record<string, string> = {}): Promise<unknown> => {
  const lines = Object.entries({ subject: 'S', preheader: 'P', classes: 'service', needs: 'links.renew', ...head });
  const text = `---\n${lines.map(([key, value]) => `${key}: ${value}`).join('\n')}\n---\n<mj-section><mj-column>${body}</mj-column></mj-section>`;
  return compileMail({ name: 'x', locale: 'en', text }, blocks);
};

const marketing = {
  classes: 'marketing',
  needs: 'links.renew, links.unsubscribe',
  subject: '{% if adMark %}{{ adMark }}{% endif %}S',
};

describe('what a template author gets wrong is told when templates are built', () => {
  test.each<[string, string, Record<string, string>, string]>([
    [
      'a typo in a field',
      '<mj-text>{{ policy.renewOn }}</mj-text>',
      {},
      'unknown field "policy.renewOn", did you mean "policy.renewsOn"?',
    ],
    [
      'a typo in the subject',
      '',
      { subject: '{{ polcy.number }}' },
      'unknown field "polcy.number", did you mean "policy.number"?',
    ],
    [
      'a field that is not always known',
      '<mj-text>{{ offer.premium }}</mj-text>',
      {},
      'html: "offer" is not always known: wrap it in {% if %}',
    ],
    ['an image without alt text', '<mj-image src="https://img.example.com/a.png" />', {}, 'has no alt text'],
    [
      'S19: an image from an address inside',
      '<mj-image alt="a" src="http://169.254.169.254/latest" />',
      {},
      'must be https from a named host (S19)',
    ],
    [
      'S19: an image from a file',
      '<mj-image alt="a" src="file:///etc/passwd" />',
      {},
      'must be https from a named host (S19)',
    ],
    [
      'S19: a style that fetches',
      '<mj-text><span style="background:url(https://x.example/a)">a</span></mj-text>',
      {},
      'styles may not fetch',
    ],
    ['S19: an include', '<mj-include path="/etc/passwd" />', {}, 'mj-include is not allowed'],
    ['a script', '<mj-text><script>1</script></mj-text>', {}, 'element <script> is not allowed'],
    [
      'a link that is none',
      '<mj-button href="javascript:alert(1)">x</mj-button>',
      {},
      'link "javascript:alert(1)" is neither',
    ],
    [
      'a link from a free field',
      '<mj-button href="{{ customer.name | default: 1 }}">x</mj-button>',
      {},
      'is neither http(s)',
    ],
    [
      'a value in a style',
      '<mj-text><span style="color:{{ policy.line }}">x</span></mj-text>',
      {},
      'has a value in a style or event attribute',
    ],
    ['a size that Gmail cuts', `<mj-text>${'x'.repeat(100_000)}</mj-text>`, {}, 'at most 102400 are shown whole'],
    ['a tag that does not exist here', '<mj-text>{% include "x" %}</mj-text>', {}, 'include'],
    ['MJML that is none', '<mj-txt>x</mj-txt>', {}, 'mj-txt'],
    ['a block that does not exist', '[block nope]', {}, 'there is no block "nope" in en'],
    [
      'C14: advertising without its mark',
      '',
      { ...marketing, subject: 'S' },
      'a marketing subject begins with {% if adMark %}',
    ],
    [
      'advertising that may go as service',
      '',
      { ...marketing, classes: 'marketing, service' },
      'a marketing mail can have no other class',
    ],
    [
      'M1: an offer block in a service mail',
      '<mj-text css-class="offer-block">x</mj-text>',
      {},
      'a mail with an offer block is marketing',
    ],
    ['an unknown class', '', { classes: 'urgent' }, 'classes must be some of'],
    ['an unknown head key', '', { title: 'x' }, 'head key "title" is unknown'],
  ])('%s', async (_, body, head, problem) => {
    await expect(compile(body, head)).rejects.toThrow(problem);
  });

  test('C03, C01: a layout without postal address or unsubscribe link', async () => {
    const bare = (name: string, locale: string) =>
      name.startsWith('footer') ? '<mj-text>bye</mj-text>' : blocks(name, locale);
    const text =
      '---\nsubject: S\npreheader: P\nclasses: service\n---\n<mj-section><mj-column></mj-column></mj-section>';
    const failure = await compileMail({ name: 'x', locale: 'en', text }, bare).catch((error: Error) => error.message);
    expect(failure).toContain('the HTML has no postal address');
    expect(failure).toContain('the text part has no unsubscribe link');
  });

  test('what is right compiles', async () => {
    await expect(compile('<mj-text>{{ policy.number }}</mj-text>')).resolves.toMatchObject({ name: 'x', locale: 'en' });
    await expect(compile('<mj-text>x</mj-text>', marketing)).resolves.toMatchObject({ sendClasses: ['marketing'] });
  });

  test('letters are checked too', () => {
    const words = JSON.parse(readFileSync(`${root}../../letter/words.json`, 'utf8')) as never;
    const letter =
      (body: string, locale = 'en') =>
      () =>
        compileLetter({ name: 'x', locale, text: `---\nsubject: S\nclasses: service\n---\n${body}` }, words, '');
    expect(letter('{{ polcy.number }}\n@answer x')).toThrow('did you mean "policy.number"?');
    expect(letter('{{ offer.premium }}\n@answer x')).toThrow('"offer" is not always known');
    expect(letter('x')).toThrow('a letter needs its QR code');
    expect(letter('x', 'fr')).toThrow('words.json has no "fr"');
    expect(letter('x\n\n@answer x')).not.toThrow();
  });
});

describe('the mails of this repository', () => {
  test('every mail exists in every language', () => {
    const locales = [...new Set(mailTemplates.templates.map(({ locale }) => locale))].sort();
    expect(locales).toEqual(['en', 'zh-CN']);
    for (const name of new Set(mailTemplates.templates.map((template) => template.name))) {
      const own = mailTemplates.templates.filter((template) => template.name === name).map(({ locale }) => locale);
      expect(own.sort(), name).toEqual(locales);
    }
  });

  test('eleven scores, each a link with its number', () => {
    for (const { html } of mailTemplates.templates.filter(({ name }) => name === 'renewal-survey')) {
      const scores = [...html.matchAll(/href="\{\{ links\.survey \}\}\?score=(\d+)"[^>]*>(\d+)</g)].map(([, a, b]) => [
        Number(a),
        Number(b),
      ]);
      expect(scores).toEqual(Array.from({ length: 11 }, (_, n) => [n, n]));
    }
  });
});

test('the text part: paragraphs apart, facts by line, links behind their words, Liquid on lines of its own trimmed', () => {
  const html = `<title>t</title><style>a{}</style><div style="display:none">hidden</div>
    <table role="presentation"><tr><td><div>One <b>two</b>&amp;</div><div>Three<br>four</div></td></tr></table>
    {% if offer %}
    <table><tr><td>Label</td><td>{{ a }}</td></tr>{% if b %}<tr><td>B</td><td>{{ b }}</td></tr>{% endif %}</table>
    {% endif %}
    <p class="no-text">not here</p><p><a href="{{ links.renew }}">Renew</a> or not.</p><ul><li>x</li><li>y</li></ul>`;
  const read = (data: object) =>
    createLiquid((value) => value).compile(textPart(html))({ links: { renew: 'L' }, ...data });
  expect(read({})).toBe('One two&\n\nThree\nfour\n\nRenew <L> or not.\n\n- x\n\n- y');
  expect(read({ offer: true, a: 'A', b: 'B' })).toBe(
    'One two&\n\nThree\nfour\n\nLabel  A\nB  B\n\nRenew <L> or not.\n\n- x\n\n- y',
  );
});

describe('senders', () => {
  const base = {
    hotline: 'h',
    website: 'w',
    from: { statutory: 'n', service: 's', marketing: 'm' },
    replyTo: 'r',
    unsubscribe: 'u',
  };
  const text = (company: string) => ({
    company,
    legalName: company,
    fromName: { statutory: company, service: company, marketing: company },
    hours: '',
    addressLines: ['a', 'b'],
  });
  const sources: readonly SenderSource[] = [
    { ...base, id: 'head', scope: '', texts: { en: text('Head'), 'zh-CN': text('总部') } },
    { ...base, id: 'branch', scope: 'head/shanghai', texts: { 'zh-CN': text('上海分公司') } },
  ];
  const pick = (scope: string, locale: string) =>
    senderFor({ scope, sendClass: 'service', locale, domain: 'd.example' }, sources);
  test('the branch nearest to the policy speaks, in the nearest language', () => {
    expect(pick('head/shanghai/pudong', 'zh-CN').company).toBe('上海分公司');
    expect(pick('head/shanghai', 'en').company).toBe('上海分公司');
    expect(pick('head/shanghaiwest', 'en').company).toBe('Head');
    expect(pick('other', 'zh-TW').company).toBe('总部');
  });
  test('where nobody fits, it is said', () => {
    expect(() => senderFor({ scope: 'x', sendClass: 'service', locale: 'en', domain: 'd' }, [])).toThrow(
      'no sender for scope "x"',
    );
  });
});
