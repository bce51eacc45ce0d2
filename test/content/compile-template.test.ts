import { describe, expect, test } from 'vitest';
import type { CompiledTemplate } from '../../shared/content/compiled-template.ts';
import { createLiquid } from '../../shared/content/liquid.ts';
import { branchLocale, type SenderSource, senderFor } from '../../shared/content/sender.ts';
import { textPart } from '../../shared/content/text-part.ts';
import { shippedMails } from './samples.ts';
import { compile, mailSource, said, shippedSources, written } from './written.ts';

/** A mail of class marketing as it should be. */
const marketing = { classes: 'marketing', needs: 'links.renew, links.unsubscribe' };

const partsOf = (compiled: CompiledTemplate) => {
  if (compiled.kind === 'refused' || compiled.template.kind !== 'mail') throw new Error(said(compiled));
  const [variant] = compiled.template.variants;
  if (variant === undefined) throw new Error('no variant');
  return { ...variant, template: compiled.template };
};

describe('what a template author gets wrong is told with its line (M1)', () => {
  // the body begins in line 9: a head of four keys between two rules, a section, a column
  test.each<[string, string, Record<string, string>, string]>([
    [
      'a typo in a field',
      'x\n<mj-text>{{ policy.renewOn }}</mj-text>',
      {},
      'unknown-field en source:10: unknown field "policy.renewOn", did you mean "policy.renewsOn"?',
    ],
    [
      'a typo in the subject',
      '',
      { subject: '{{ polcy.number }}' },
      'unknown-field en source:2: unknown field "polcy.number", did you mean "policy.number"?',
    ],
    [
      'a typo within a loop',
      '<mj-text>{% for p in policies %}{{ p.numbr }}{% endfor %}</mj-text>',
      {},
      'unknown-field en source:9: unknown field "policies.numbr", did you mean "policies.number"?',
    ],
    ['a field that nothing is like', '<mj-text>{{ premium_of_everything }}</mj-text>', {}, 'see the field catalogue'],
    [
      'a field that is not always known',
      '<mj-text>{{ offer.premium }}</mj-text>',
      {},
      'missing-default en source:9: html: "offer" is not always known: wrap it in {% if %}',
    ],
    [
      'a field of the event that is not announced',
      '<mj-text>{{ event.amount }}</mj-text>',
      {},
      '"event" is not always known',
    ],
    [
      'an optional field of the second policy',
      '<mj-text>{% for p in policies %}{{ p.offer.premium }}{% endfor %}</mj-text>',
      {},
      '"p.offer" is not always known',
    ],
    [
      'Liquid that is none',
      '\n<mj-text>{% if policy %}x</mj-text>',
      {},
      'liquid en source:10: tag {% if policy %} not closed',
    ],
    [
      'a filter that does not exist here',
      '<mj-text>{{ salutation | raw }}</mj-text>',
      {},
      'liquid en source:9: undefined filter: raw',
    ],
    [
      'a tag that does not exist here',
      '<mj-text>{% include "x" %}</mj-text>',
      {},
      'liquid en source:9: tag "include" not found',
    ],
    ['MJML that is none', '\n<mj-txt>x</mj-txt>', {}, "mjml en source:10: Element mj-txt doesn't exist"],
    [
      'an attribute that is none',
      '<mj-text colour="#fff">x</mj-text>',
      {},
      'mjml en source:9: Attribute colour is illegal',
    ],
    ['a block that does not exist', '[block nope]', {}, 'block en source:9: there is no block "nope" in en'],
    [
      'an image without alt text',
      '<mj-image src="https://img.example.com/a.png" />',
      {},
      'image en source:9: image "https://img.example.com/a.png" has no alt text',
    ],
    [
      'S19: an image from an address inside',
      '<mj-image alt="a" src="http://169.254.169.254/latest" />',
      {},
      'must be https from a page of the insurer (S19, C18)',
    ],
    [
      'S19: an image from a file',
      '<mj-image alt="a" src="file:///etc/passwd" />',
      {},
      'must be https from a page of the insurer',
    ],
    [
      'S19: an image from elsewhere',
      '<mj-image alt="a" src="https://tracker.test/a.png" />',
      {},
      'must be https from a page of the insurer',
    ],
    [
      'S19: a style that fetches',
      '<mj-text><span style="background:url(https://x.example/a)">a</span></mj-text>',
      {},
      'styles may not fetch',
    ],
    ['S19: an include', '<mj-include path="/etc/passwd" />', {}, 'fetch en source:9: mj-include is not allowed'],
    ['a script', '<mj-text><script>1</script></mj-text>', {}, 'element <script> is not allowed'],
    ['a form', '<mj-text><form></form></mj-text>', {}, 'element <form> is not allowed'],
    ['an event attribute', '<mj-text><b onclick="x()">x</b></mj-text>', {}, '<b> has an event attribute'],
    [
      'a value in a style',
      '<mj-text><span style="color:{{ policy.line }}">x</span></mj-text>',
      {},
      'has a value in a style',
    ],
    [
      'S23: a link that is none',
      '<mj-button href="javascript:alert(1)">x</mj-button>',
      {},
      'link en source:9: link "javascript:alert(1)" is neither',
    ],
    [
      'S23: a link from a free field',
      '<mj-button href="{{ customer.name | default: 1 }}">x</mj-button>',
      {},
      'is neither https',
    ],
    [
      'S23: a link with a free part',
      '<mj-button href="https://evermere.example/{{ locale }}">x</mj-button>',
      {},
      'is neither https',
    ],
    [
      'S23: a link to elsewhere (C18)',
      '<mj-button href="https://evil.test/x">x</mj-button>',
      {},
      'leads to evil.test: only pages of the insurer',
    ],
    [
      'S23: a link that looks like ours',
      '<mj-button href="https://evermere.example.evil.test/">x</mj-button>',
      {},
      'leads to evermere.example.evil.test',
    ],
    [
      'S23: a link with our name before its own',
      '<mj-button href="https://evermere.example@evil.test/">x</mj-button>',
      {},
      'hides its domain behind a name',
    ],
    ['S23: a link without a scheme', '<mj-button href="//evil.test/x">x</mj-button>', {}, 'is neither https'],
    ['S23: a link in clear', '<mj-button href="http://evermere.example/x">x</mj-button>', {}, 'must be https'],
    [
      'a size that Gmail cuts',
      `<mj-text>${'x'.repeat(100_000)}</mj-text>`,
      {},
      'error clipped en source: the HTML has',
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
      'offer en source:9: a mail with an offer block is marketing',
    ],
    [
      'C14: a service mail that calls itself an advertisement',
      '<mj-text>x</mj-text>',
      { subject: '广告：x' },
      'take the mark out of its subject',
    ],
    ['an unknown class', '', { classes: 'urgent' }, 'class en source:4: classes must be some of'],
    ['an unknown head key', '', { title: 'x' }, 'head en source:6: head key "title" is unknown'],
    ['an empty subject', '', { subject: '' }, 'head en source:2: subject may not be empty'],
    ['a need that is no field', '<mj-text>x</mj-text>', { needs: 'offer.prize' }, 'needs unknown field "offer.prize"'],
  ])('%s', async (_, body, head, problem) => {
    const compiled = await compile(mailSource(body, head));
    expect(compiled.kind).toBe('refused');
    expect(said(compiled)).toContain(problem);
  });

  test('F27: malformed HTML is refused with its place', async () => {
    const cases: readonly [string, string][] = [
      ['<mj-text>a\n<b>x</mj-text>', 'markup en source:10: <b> is not closed before </mj-text>'],
      ['<mj-text>x</b></mj-text>', 'markup en source:9: </b> closes nothing'],
      ['<mj-text>a', '<mj-text> is not closed before </mj-column>'],
      ['<mj-text>&nope;</mj-text>', 'markup en source:9: "&nope;" is no entity'],
      ['<mj-text>a&nbsp b</mj-text>', 'the entity "&nbsp" has no end'],
      ['<mj-text>&#x110000;</mj-text>', '"&#x110000;" is no entity'],
      ['<mj-text>a\u202eb</mj-text>', 'bad-character en source:9: the invisible character U+202E'],
      ['<mj-text>a\u2066b</mj-text>', 'U+2066'],
      ['<mj-text>a\u0000b</mj-text>', 'U+0000'],
      ['<mj-text>a\ud800b</mj-text>', 'U+D800'],
    ];
    for (const [body, problem] of cases) {
      const compiled = await compile(mailSource(body));
      expect(compiled.kind, body).toBe('refused');
      expect(said(compiled)).toContain(problem);
    }
    for (const good of [
      'R&D a=1&b=2 &amp; &nbsp; &#8212; &copy;',
      '1 < 2',
      '<br><img src="https://example.com/a" alt="a"><hr/>',
    ])
      expect(said(await compile(mailSource(`<mj-text>${good}</mj-text>`))), good).toBe('');
  });

  test('F27, F28: no head, no body, no language, 5 MB', async () => {
    expect(said(await compile('<mj-section></mj-section>'))).toContain('head en source:1: begins with no head');
    expect(said(await compile('---\nsubject: S\npreheader: P\nclasses: service\n---\n \n'))).toContain(
      'no-body en source:6: there is nothing below the head',
    );
    expect(said(await compile('', { files: [] }))).toContain('there is no language');
    expect(said(await compile(mailSource('x'.repeat(5_000_000))))).toContain(
      'too-large en source: the source has 5000',
    );
  });

  test('S18: blocks that hold each other end', async () => {
    const twice = '[block a][block a][block a][block a][block a][block a][block a][block a]';
    const compiled = await compile(mailSource('[block a]'), { blocks: { ...shippedSources.blocks, 'a/en': twice } });
    expect(said(compiled)).toContain('blocks contain each other');
  });

  test('a fault in a block is told with the block', async () => {
    const blocks = { ...shippedSources.blocks, 'closing/en': 'Regards,\n{{ sender.compny }}' };
    expect(said(await compile(mailSource('<mj-text>x</mj-text>'), { blocks }))).toContain(
      'unknown-field en block closing:2: unknown field "sender.compny", did you mean "sender.company"?',
    );
  });

  test('C03, C01: a layout without postal address or unsubscribe link', async () => {
    const blocks = { ...shippedSources.blocks, 'footer-service/en': '<mj-text>bye</mj-text>' };
    const problems = said(await compile(mailSource('<mj-text>x</mj-text>'), { blocks }));
    expect(problems).toContain('the HTML has no postal address');
    expect(problems).toContain('the text part has no unsubscribe link');
  });
});

describe('what is right compiles', () => {
  test('a service mail: HTML, text part, subject', async () => {
    const { template, html, text } = partsOf(await compile(mailSource('<mj-text>{{ policy.number }}</mj-text>')));
    expect(template).toMatchObject({
      kind: 'mail',
      classes: ['service'],
      offer: false,
      needs: ['links.renew', 'policy'],
    });
    expect(html).toContain('<!doctype html>');
    expect(text).toContain('{{ policy.number }}');
  });

  test('C14: the subject of an advertisement gets its mark where its author forgot it, once', async () => {
    const mark = '{% if adMark %}{{ adMark }}{% endif %}';
    expect(partsOf(await compile(mailSource('<mj-text>x</mj-text>', marketing))).subject).toBe(`${mark}S`);
    const own = { ...marketing, subject: `${mark}T` };
    expect(partsOf(await compile(mailSource('<mj-text>x</mj-text>', own))).subject).toBe(`${mark}T`);
  });

  test('an offer block makes it an offer', async () => {
    const body = '<mj-text css-class="offer-block">x</mj-text>';
    expect(partsOf(await compile(mailSource(body, marketing))).template.offer).toBe(true);
  });

  test('one that says nothing of a policy needs none; one that needs the event says so', async () => {
    const needs = async (body: string, head = {}) => partsOf(await compile(mailSource(body, head))).template.needs;
    expect(await needs('<mj-text>{{ salutation }}</mj-text>', { needs: '' })).toEqual([]);
    expect(await needs('<mj-text>{% if policy %}{{ policy.number }}{% endif %}</mj-text>', { needs: '' })).toEqual([]);
    expect(await needs('<mj-text>{{ event.amount }}</mj-text>', { needs: 'event.amount' })).toEqual(['event.amount']);
    expect(await needs('<mj-text>{{ claim.number }}</mj-text>', { needs: 'claim' })).toEqual(['claim']);
  });

  test('a link to the insurer, its telephone and its mailbox', async () => {
    const link = (href: string) => `<mj-text><a href="${href}">x</a></mj-text>`;
    for (const href of [
      'https://www.evermere.example/a?b=1&amp;c=2',
      'tel:+8621400',
      'mailto:care@evermere.example',
      '{{ links.survey }}?score=1',
    ])
      expect(said(await compile(mailSource(link(href), { needs: 'links.survey' }))), href).toBe('');
  });

  test('a colour that the dark sheet does not know is a warning', async () => {
    const compiled = await compile(mailSource('<mj-text color="#000000">x</mj-text>'));
    expect(compiled.kind).toBe('compiled');
    expect(said(compiled)).toContain('warning dark-mode en source:9');
  });

  test('the same sources give the same version, and each of them matters', async () => {
    const versionOf = async (text: string, given = {}) => partsOf(await compile(text, given)).template.version;
    const usual = mailSource('<mj-text>x</mj-text>');
    const version = await versionOf(usual);
    expect(await versionOf(usual)).toBe(version);
    const blocks = { ...shippedSources.blocks, 'closing/en': 'Bye' };
    const others = [
      await versionOf(mailSource('<mj-text>y</mj-text>')),
      await versionOf(usual, { name: 'y' }),
      await versionOf(usual, { blocks }),
      await versionOf(mailSource('<mj-text>x</mj-text>', { classes: 'service, statutory' })),
    ];
    expect(new Set([version, ...others]).size).toBe(5);
  });

  test('all languages have the same classes', async () => {
    const files = [
      { locale: 'en', text: mailSource('<mj-text>x</mj-text>') },
      { locale: 'zh-CN', text: mailSource('<mj-text>x</mj-text>', { classes: 'statutory' }) },
    ];
    expect(said(await compile('', { files }))).toContain('zh-CN source: classes differ from those of en');
  });
});

describe('letters and texts are checked too', () => {
  const letter = async (body: string, given: { locale?: string; head?: string } = {}) => {
    const text = `---\nsubject: S\n${given.head ?? 'classes: service'}\n---\n${body}`;
    return said(await compile('', { kind: 'letter', files: [{ locale: given.locale ?? 'en', text }] }));
  };
  test('letters', async () => {
    expect(await letter('{{ polcy.number }}\n@answer x')).toContain(
      'en source:5: unknown field "polcy.number", did you mean',
    );
    expect(await letter('x\n{{ offer.premium }}\n@answer x')).toContain('source:6: "offer" is not always known');
    expect(await letter('x')).toContain('a letter needs its QR code');
    expect(await letter('x', { locale: 'fr' })).toContain('words.json has no "fr"');
    expect(await letter('x\n@answer x', { head: 'classes: marketing' })).toContain('not marketing');
    expect(await letter('零风险\n@answer x')).toContain('may not be said');
    expect(await letter('x\n\n@answer x')).toBe('');
  });
  const text = async (body: string, head = 'classes: service') =>
    said(await compile('', { kind: 'text', files: [{ locale: 'zh-CN', text: `---\n${head}\n---\n${body}` }] }));
  test('texts', async () => {
    expect(await text('{{ salutation }}您好')).toBe('');
    expect(await text('<b>您好</b>')).toContain('a text has no HTML');
    expect(await text('您'.repeat(501))).toContain('501 characters without its values, at most 500');
    expect(await text('{{ offer.premium }}')).toContain('"offer" is not always known');
    expect(await text('买一送一', 'classes: marketing')).toContain('says how to stop it');
    expect(await text('买一送一 拒收请回复R', 'classes: marketing')).toBe('');
    expect(await text('稳赚不赔')).toContain('C18');
  });
});

describe('the templates of this repository', () => {
  test('every template exists in every language', () => {
    for (const [name, { files }] of Object.entries(shippedSources.templates))
      expect(files.map(({ locale }) => locale).sort(), name).toEqual(['en', 'zh-CN']);
  });

  test('eleven scores, each a link with its number', () => {
    const survey = shippedMails.find(({ name }) => name === 'renewal-survey');
    expect(survey?.variants).toHaveLength(2);
    for (const { html } of survey?.variants ?? []) {
      const scores = [...html.matchAll(/href="\{\{ links\.survey \}\}\?score=(\d+)"[^>]*>(\d+)</g)].map(([, a, b]) => [
        Number(a),
        Number(b),
      ]);
      expect(scores).toEqual(Array.from({ length: 11 }, (_, n) => [n, n]));
    }
  });

  test('each compiles without a warning', async () => {
    const { compileTemplate } = await import('../../functions/serve-templates/compile-template.ts');
    for (const [name, { kind, files }] of Object.entries(shippedSources.templates))
      expect(said(await compileTemplate(written('', { name, kind, files }))), name).toBe('');
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
  test('the language of a branch serves those who speak another', () => {
    const own: readonly SenderSource[] = sources.map((source) => ({ ...source, locale: 'zh-CN' }));
    expect(branchLocale('head', own)).toBe('zh-CN');
    expect(branchLocale('head', sources)).toBeUndefined();
    expect(senderFor({ scope: 'x', sendClass: 'service', locale: 'es', domain: 'd' }, own).company).toBe('总部');
    expect(senderFor({ scope: 'x', sendClass: 'service', locale: 'es', domain: 'd' }, sources).company).toBe('Head');
  });

  test('where nobody fits, it is said', () => {
    expect(() => senderFor({ scope: 'x', sendClass: 'service', locale: 'en', domain: 'd' }, [])).toThrow(
      'no sender for scope "x"',
    );
  });
});
