import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLiquid } from '../../shared/content/liquid.ts';
import { createMailRenderer, escapeHtml, type MailInput } from '../../shared/content/render-mail.ts';
import { standInLinks } from '../../shared/content/stand-in-links.ts';
import type { MailTemplate, MailVariant } from '../../shared/content/template.ts';
import { parseMail, sameBreaks } from './parse-mail.ts';
import { dataOf, links, mailOf, now, policyOf, shipped, shippedMails } from './samples.ts';

const renderer = createMailRenderer();

/** What a template of a test needs, with the sender that every message has. */
const asData = (data: object): MailInput['data'] => ({ sender: dataOf().sender, ...data }) as MailInput['data'];

const rawOf = (given: Partial<MailInput> = {}): Buffer => {
  const mail = renderer.render(mailOf(given));
  if (mail.kind === 'failed') throw new Error(`${mail.reason}: ${mail.detail}`);
  return Buffer.from(mail.raw);
};

/** A template of one language with these texts. */
const templateOf = (given: Partial<MailVariant>): MailTemplate => ({
  name: 'test',
  version: 'v1',
  kind: 'mail',
  classes: ['service', 'marketing', 'statutory'],
  offer: false,
  needs: [],
  variants: [
    {
      locale: 'zh-CN',
      hash: '0123456789abcdef0123456789abcdef',
      subject: 'x',
      html: '<p>x</p>',
      text: 'x',
      ...given,
    },
  ],
});

const winBack = shipped('win-back');

/** Something for each property of the event that a template needs. */
const eventOf = ({ needs }: MailTemplate): Record<string, string> =>
  Object.fromEntries(needs.filter((name) => name.startsWith('event.')).map((name) => [name.slice(6), 'x']));

/** What the template says, without any encoding. */
const plainly = (source: string, escape: (value: string) => string, data: object): string =>
  createLiquid(escape).compile(source)(data);

describe('what is read is what was written', () => {
  const everything = (template: MailTemplate, locale: string, policies: number) =>
    dataOf({
      locale,
      // links as a sent one has them: what a mail says depends on which are there
      links: {
        renew: links.renew,
        ...standInLinks(template, template.classes[0] ?? 'service', (name) => `https://pages.example.com/${name}`),
      },
      policies: Array.from({ length: policies }, (_, n) => policyOf({ policyNo: `PMOT-2018-000${n}` })),
      claim: { claimNo: 'CLM-2018-0042', type: 'collision', status: 'settled' },
      event: {},
    });
  test.each(
    shippedMails.flatMap((template) =>
      template.variants.map((variant) => [template.name, variant.locale, template, variant] as const),
    ),
  )('%s in %s, decoded by a mail program, for one policy and for three', async (_, locale, template, variant) => {
    const sendClass = template.classes[0] as MailInput['sendClass'];
    for (const policies of [1, 3]) {
      const data = { ...everything(template, locale, policies), event: eventOf(template) };
      const mail = await parseMail(rawOf({ template, locale, sendClass, data }));
      expect(sameBreaks(mail.html)).toBe(sameBreaks(plainly(variant.html, escapeHtml, data)));
      expect(sameBreaks(mail.text)).toBe(sameBreaks(plainly(variant.text, (value) => value, data)));
      expect(mail.subject).toBe(plainly(variant.subject, (value) => value, data).trim());
    }
  });

  test.each([
    ['en', /because you held policy/, /because you hold policy/],
    ['zh-CN', /因为您曾是保单/, /因为您是保单/],
  ])('%s: who cancelled is not told that he holds the policy', async (locale, held, holds) => {
    const template = shipped('cancellation-survey');
    const textOf = async (ending?: { kind: 'cancelled'; on: never }) => {
      const policies = [policyOf(ending === undefined ? {} : { ending })];
      const data = dataOf({ locale, policies });
      return (await parseMail(rawOf({ template, locale, data }))).text;
    };
    const ended = await textOf({ kind: 'cancelled', on: '2018-12-20' as never });
    expect(ended).toMatch(held);
    expect(ended).not.toMatch(holds);
    expect(await textOf()).toMatch(holds);
  });

  const anything = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.string({ unit: 'binary', maxLength: 120 }),
    fc.constantFrom(
      '.',
      '..',
      '=',
      '=3D',
      ' ',
      '\t',
      'a ',
      '\r\n.\r\n',
      '.\r\n',
      '\n.',
      'x\r\n\r\n--=_perennial_',
      '张伟😀',
      '=\r\n',
    ),
    fc
      .array(fc.constantFrom('.', ' ', '=', '\r\n', '张', '😀', 'a', '<', '&', '"'), { maxLength: 200 })
      .map((parts) => parts.join('')),
  );

  test('any text around any values, whatever they hold, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anything, { minLength: 1, maxLength: 5 }),
        fc.array(anything, { minLength: 2, maxLength: 6 }),
        async (values, statics) => {
          const names = values.map((_, n) => `v${n}`);
          // braces would make Liquid of it, which is not what is being tested
          const source = statics
            .map((text, n) => `${text.replace(/[{}%]/g, '')}${n < names.length ? `{{ ${names[n]} }}` : ''}`)
            .join('');
          const data = Object.fromEntries(names.map((name, n) => [name, values[n]]));
          const whole = `T${source}E`;
          const template = templateOf({ html: whole, text: whole });
          const raw = rawOf({ template, data: asData(data) });
          const body = raw.toString('latin1').split('\r\n\r\n').slice(1).join('\r\n\r\n');
          for (const line of body.split('\r\n')) {
            expect(line.length).toBeLessThanOrEqual(76);
            expect(line).not.toMatch(/[\r\n\u0080-\u00ff]|^\./);
          }
          const mail = await parseMail(raw);
          expect(sameBreaks(mail.text)).toBe(sameBreaks(plainly(whole, (value) => value, data)));
          expect(sameBreaks(mail.html)).toBe(sameBreaks(plainly(whole, escapeHtml, data)));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('values inside loops and conditions, with blanks trimmed by {{- and -}}', async () => {
    const source =
      'A {%- if on -%}  [ {%- for n in (1..3) %} {{ name }}. {% endfor -%} ] {% else %} off {%- endif %} Z';
    for (const on of [true, false]) {
      const data = { on, name: '.张伟 =' };
      const mail = await parseMail(rawOf({ template: templateOf({ html: source, text: source }), data: asData(data) }));
      expect(sameBreaks(mail.text)).toBe(plainly(source, (value) => value, data));
    }
  });
});

test("the sender's own lines are text too, with braces, marks and Chinese", async () => {
  const source = 'A {{ sender.company }} B {{ sender.hotline }}{{ customer.name }}';
  for (const company of ['恒湖 <保险> & Co', '{{ sender.hotline }}', '{% if x %}', '.', '=']) {
    const data = { ...dataOf(), sender: { ...dataOf().sender, company } };
    const mail = await parseMail(rawOf({ template: templateOf({ html: source, text: source }), data }));
    expect(mail.text.trim()).toBe(`A ${company} B 400-000-0188张伟`);
    expect(mail.html.trim()).toBe(`A ${escapeHtml(company)} B 400-000-0188张伟`);
  }
});

describe('headers', () => {
  test('sender, recipient, date, lists', async () => {
    const mail = await parseMail(rawOf({ locale: 'zh-CN' }));
    expect(mail.from).toEqual({ name: '恒湖保险客户服务', address: 'service@mail.example.com' });
    expect(mail.to).toEqual([{ name: '张伟', address: 'zhang.wei@example.com' }]);
    expect(mail.replyTo).toEqual({ name: '恒湖保险', address: 'care@mail.example.com' });
    expect(mail.date.getTime()).toBe(now);
    const value = (key: string) => mail.lines.find((line) => line.key === key)?.line;
    expect(value('list-id')).toBe('List-Id: <service.evermere.mail.example.com>');
    expect(value('mime-version')).toBe('MIME-Version: 1.0');
    expect(value('auto-submitted')).toBe('Auto-Submitted: auto-generated');
  });

  test('C01: one-click unsubscribe by https and mailto on all but statutory mails', async () => {
    const headerOf = async (given: Partial<MailInput>) =>
      (await parseMail(rawOf(given))).lines
        .filter(({ key }) => key.startsWith('list-unsubscribe'))
        .map(({ line }) => line.replace(/\r\n\s/g, ' '));
    const both = [
      `List-Unsubscribe: <${links.unsubscribe}>, <mailto:unsubscribe@mail.example.com?subject=unsubscribe>`,
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    ];
    expect(await headerOf({})).toEqual(both);
    expect(await headerOf({ template: winBack, sendClass: 'marketing' })).toEqual(both);
    expect(await headerOf({ sendClass: 'statutory' })).toEqual([]);
    expect(await headerOf({ unsubscribeUrl: undefined as never })).toEqual([]);
  });

  test('C02: notices and marketing come from different addresses and lists', () => {
    const from = (given: Partial<MailInput>) => /<(\S+@\S+)>/.exec(rawOf(given).toString('latin1'))?.[1];
    expect(from({ template: winBack, sendClass: 'marketing' })).toBe('news@mail.example.com');
    expect(from({ sendClass: 'statutory' })).toBe('notice@mail.example.com');
  });

  test('nothing in the headers tells who the customer is but the address line', () => {
    const head = rawOf().toString('latin1').split('\r\n\r\n')[0] ?? '';
    expect(head.replace(/^To:.*\r\n .*$/m, '')).not.toMatch(/zhang|party1|policy1|12345/i);
  });

  describe('S20: nothing smuggles a second header in', () => {
    const evil = [
      'x\r\nBcc: evil@example.com',
      'x\nBcc: evil@example.com',
      'x\rBcc: evil@example.com',
      'x\u2028Bcc: evil@example.com',
      'x\u0000\u000bBcc: e@example.com',
    ];
    const headKeys = async (raw: Buffer) => (await parseMail(raw)).lines.map(({ key }) => key);

    test.each(evil)('%j in subject and names stays one line', async (text) => {
      const usual = await headKeys(rawOf({ template: templateOf({}) }));
      const template = templateOf({ subject: 'A {{ customer.name }}' });
      const base = mailOf();
      const raw = rawOf({
        template,
        data: asData({ customer: { name: text } }),
        to: { name: `${text}" <evil@example.com>, "`, address: 'a@example.com' },
        sender: { ...base.sender, fromName: text, company: text },
      });
      expect(await headKeys(raw)).toEqual(usual);
      const mail = await parseMail(raw);
      expect(mail.bcc).toBe(false);
      expect(mail.to.map(({ address }) => address)).toEqual(['a@example.com']);
      expect(mail.subject.startsWith('A x Bcc: e')).toBe(true);
    });

    test.each([
      'a@example.com\r\nBcc: evil@example.com',
      'a@example.com, evil@example.com',
      'a@example.com>',
      '"a b"@example.com',
      'a@exa mple.com',
      'a@localhost',
      '@example.com',
      'a@',
      'a..b@example.com',
      'a@127.0.0.1',
      `${'a'.repeat(65)}@example.com`,
      '张@example.com',
      '',
    ])('the address %j is refused, and not repeated in the reason', (address) => {
      expect(renderer.render(mailOf({ to: { address } }))).toEqual({
        kind: 'failed',
        reason: 'rejected',
        detail: 'the recipient address is no address',
      });
    });

    test('sender addresses and unsubscribe links are looked at too', () => {
      const { sender } = mailOf();
      for (const given of [
        { sender: { ...sender, replyTo: 'a@example.com\r\nBcc: e@example.com' } },
        { sender: { ...sender, fromAddress: 'a@example.com\nX: y' } },
        { unsubscribeUrl: 'https://x.example/u/a>\r\nBcc: e@example.com' },
        { unsubscribeUrl: 'javascript:alert(1)' },
        { unsubscribeUrl: 'https://x.example/u/a (\r\nBcc: e@example.com)' },
      ]) {
        expect(renderer.render(mailOf(given))).toMatchObject({ kind: 'failed', reason: 'rejected' });
      }
    });

    test('a domain in another script is written in ASCII', async () => {
      const mail = await parseMail(rawOf({ to: { address: 'a@例子.测试' } }));
      expect(mail.to[0]?.address.split('@')[1]).toMatch(/^(例子\.测试|xn--fsqu00a\.xn--0zwm56d)$/);
    });
  });

  test('long Chinese and mixed subjects survive folding, no line beyond 76', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), async (name) => {
        const raw = rawOf({
          template: templateOf({ subject: 'S{{ name }}E' }),
          data: asData({ name }),
          to: { name, address: 'a@example.com' },
        });
        const head = raw.toString('latin1').split('\r\n\r\n')[0] ?? '';
        for (const line of head.split('\r\n'))
          if (!line.startsWith('List-')) expect(line.length).toBeLessThanOrEqual(76);
        const oneLine = `S${name}E`
          .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
          .replace(/ {2,}/g, ' ')
          .trim();
        expect((await parseMail(raw)).subject).toBe(oneLine);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the variant that a reader gets', () => {
  const template: MailTemplate = {
    ...templateOf({}),
    variants: ['en', 'zh-CN', 'zh-TW'].map((locale) => ({
      locale,
      hash: locale,
      subject: locale,
      html: 'x',
      text: 'x',
    })),
  };
  test.each([
    ['zh-TW', 'zh-TW'],
    ['zh-HK', 'zh-TW'],
    ['zh-SG', 'zh-CN'],
    ['en-GB', 'en'],
    ['es', 'en'],
  ])('for %s: %s', (locale, subject) => {
    expect(renderer.render(mailOf({ template, locale, data: asData({}) }))).toMatchObject({
      subject,
      variant: subject,
    });
  });
});

describe('what cannot be sent is said, not sent', () => {
  test('a missing value fails and names the field (M1)', () => {
    const mail = renderer.render(mailOf({ data: dataOf({ links: {} }) }));
    expect(mail).toEqual({ kind: 'failed', reason: 'missing-value', detail: 'links.renew' });
  });

  test('a default stands in for a missing value', async () => {
    const template = templateOf({ text: 'Hello {{ customer.nick | default: "friend" }}' });
    expect((await parseMail(rawOf({ template }))).text.trim()).toBe('Hello friend');
  });

  test('F28: a mail beyond the limit is refused before anything happens', () => {
    const limited = createMailRenderer({ maxBytes: 20_000 });
    expect(limited.render(mailOf())).toMatchObject({ kind: 'failed', reason: 'too-large' });
    const template = templateOf({ html: '<p>{{ v }}</p>' });
    const ofSize = (size: number) => mailOf({ template, data: asData({ v: '张'.repeat(size) }) });
    // each of these characters takes nine bytes on the wire: what counts is the size after encoding
    const one = createMailRenderer({ maxBytes: 1_000_000 });
    expect(one.render(ofSize(100_000))).toMatchObject({ kind: 'rendered' });
    expect(one.render(ofSize(115_000))).toMatchObject({ kind: 'failed', reason: 'too-large' });
  });

  test('an advertisement cannot go as service mail', () => {
    expect(renderer.render(mailOf({ template: winBack, sendClass: 'service' }))).toMatchObject({
      reason: 'rendering-failure',
    });
  });
});

test('a premium mail without an offer says that the price follows, and no premium at all (C5)', async () => {
  for (const locale of ['zh-CN', 'en']) {
    for (const template of ['renewal-m30', 'renewal-m07', 'renewal-d00'].map((name) => shipped(name))) {
      const data = dataOf({ locale, policy: { offer: undefined as never } });
      const mail = await parseMail(rawOf({ template, locale, data }));
      expect(`${mail.subject}${mail.text}${mail.html}`).not.toMatch(/3,120|3,340/);
    }
  }
});

test('the same input gives the same bytes', () => {
  const again = createMailRenderer().render(mailOf());
  expect(again.kind === 'rendered' && rawOf().equals(Buffer.from(again.raw))).toBe(true);
});
