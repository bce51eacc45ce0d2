import { describe, expect, test } from 'vitest';
import { createLiquid, describeFailure } from '../../shared/content/liquid.ts';
import { createMailRenderer } from '../../shared/content/render-mail.ts';
import { parseMail } from './parse-mail.ts';
import { dataOf, mailOf } from './samples.ts';

const liquid = createLiquid((value) => value);

/** What a template gives: its text, or that it was refused. */
const outcome = (source: string, data: object = { x: 'text', list: ['a'], group: { leaf: 'b' } }): string => {
  try {
    return liquid.compile(source)(data);
  } catch (error) {
    const failure = describeFailure(error);
    if (failure === undefined) throw error;
    return `refused: ${failure.kind}`;
  }
};

describe('S16: no way to a prototype or a constructor', () => {
  test.each([
    "{{ x.constructor.constructor('return process')() }}",
    '{{ x.constructor }}',
    '{{ x.__proto__ }}',
    '{{ group.__proto__ }}',
    '{{ group.constructor.name }}',
    '{{ group["constructor"] }}',
    '{{ list.map }}',
    '{{ group.toString }}',
    '{% assign c = "constructor" %}{{ group[c] }}',
  ])('%s', (source) => {
    expect(outcome(source)).toMatch(/^(refused: (missing-value|broken))?$/);
  });
});

test('S17: a value that looks like a template is printed as it is', async () => {
  const data = dataOf({ profile: { name: { company: '{{ sender.hotline }}{% if true %}x{% endif %}' } } });
  const mail = createMailRenderer().render(mailOf({ data }));
  if (mail.kind !== 'rendered') throw new Error(mail.reason);
  const parsed = await parseMail(mail.raw);
  expect(parsed.text).toContain('尊敬的{{ sender.hotline }}{% if true %}x{% endif %}：');
});

describe('S18: refused in less than 100 ms', () => {
  test.each([
    '{% for i in (1..20000000) %}{% endfor %}',
    '{% for i in (1..20000000) %}x{% endfor %}',
    '{% for a in (1..1000) %}{% for b in (1..1000) %}{% for c in (1..1000) %}x{% endfor %}{% endfor %}{% endfor %}',
    "{{ 'now' | date: '%50000000d' }}",
    "{% assign s = 'aaaaaaaaaa' %}{% for i in (1..30) %}{% assign s = s | append: s %}{% endfor %}{{ s }}",
    "{{ 'a' | replace: 'a', 'aaaaaaaaaa' | replace: 'a', 'aaaaaaaaaa' | replace: 'a', 'aaaaaaaaaa' }}",
    "{{ '' | ljust: 1000000000 }}",
    '{% capture y %}{{ x }}{% endcapture %}',
    '{% increment x %}',
  ])('%s', (source) => {
    // the processor's time, and the best of three: the machine may be busy with something else
    const took = [1, 2, 3].map(() => {
      const begin = process.threadCpuUsage();
      expect(outcome(source)).toMatch(/^refused: broken$/);
      const { user, system } = process.threadCpuUsage(begin);
      return (user + system) / 1_000;
    });
    expect(Math.min(...took)).toBeLessThan(100);
    expect(outcome('{{ x }}')).toBe('text');
  });
});

describe('S19: nothing is read or fetched', () => {
  test.each([
    "{% include '/etc/passwd' %}",
    "{% render 'package.json' %}",
    "{% layout '../../package.json' %}",
    "{% liquid\n include 'x' %}",
    '{% echo x %}',
  ])('%s', (source) => {
    expect(outcome(source)).toBe('refused: broken');
  });
});

test('S18: a template of more than a million characters is refused unread', () => {
  expect(outcome('{{ x }}'.repeat(150_000))).toBe('refused: broken');
});

test('no filter gets a value past the escaping', () => {
  const escaping = createLiquid((value) => value.replaceAll('<', '&lt;'));
  expect(escaping.compile('{{ x | upcase }}')({ x: '<b>' })).toBe('&lt;B>');
  expect(() => escaping.compile('{{ x | raw }}')).toThrow();
});

test('S15: a name in markup is text in the mail', async () => {
  const name = '<img src=x onerror=1>';
  const mail = createMailRenderer().render(mailOf({ data: dataOf({ profile: { name: { company: name } } }) }));
  if (mail.kind !== 'rendered') throw new Error(mail.reason);
  const parsed = await parseMail(mail.raw);
  expect(parsed.html).toContain('尊敬的&lt;img src=x onerror=1&gt;：');
  expect(parsed.html).not.toContain('<img');
  expect(parsed.text).toContain(`尊敬的${name}：`);
});
