import { describe, expect, test } from 'vitest';
import { isStopWord } from '../../shared/message/stop-word.ts';

describe('stop words', () => {
  test.each([
    'TD',
    ' 退订。',
    'ＴＤ',
    'Stop!',
    'STOP',
    'Unsubscribe',
    'please unsubscribe me, thank you',
    'Remove me',
    'Stop sending emails, please.',
    '请退订，谢谢',
    '我要退订',
    '麻烦取消订阅',
    '不要再给我发邮件了',
    '取消订阅',
    'Désabonner',
    'BAJA',
  ])('"%s" stops mails and texts', (text) => {
    expect(isStopWord(text, 'email')).toBe(true);
    expect(isStopWord(text, 'sms')).toBe(true);
  });

  test.each(['R', 'T', 'n', 'QX', 'cancel', 'END', 'quit'])('"%s" stops texts, in a mail a person reads it', (text) => {
    expect(isStopWord(text, 'sms')).toBe(true);
    expect(isStopWord(text, 'email')).toBe(false);
  });

  test.each([
    '',
    '   ',
    'stop it please',
    'Please stop calling me, and renew my policy',
    '退订是什么意思？',
    '我想退保',
    'I cannot unsubscribe from my old car policy',
    '回复',
    `unsubscribe ${'please '.repeat(40)}`,
  ])('"%s" is for a person to read', (text) => {
    expect(isStopWord(text, 'sms')).toBe(false);
  });

  test('of a mail, the first line of its own words counts', () => {
    expect(isStopWord('\n退订\n\n张三', 'email')).toBe(true);
    expect(isStopWord('Hello,\nunsubscribe', 'email')).toBe(false);
    expect(isStopWord('stop\nand call me', 'email')).toBe(true);
    // a text is one line
    expect(isStopWord('stop\nand call me', 'sms')).toBe(false);
  });

  test('a long text costs nothing', () => {
    const began = performance.now();
    expect(isStopWord('please'.repeat(100_000), 'sms')).toBe(false);
    expect(performance.now() - began).toBeLessThan(50);
  });
});
