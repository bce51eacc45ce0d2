import { readFileSync } from 'node:fs';
import type { TemplateIndex, TemplateInfo } from '../../shared/campaign/template-index.ts';

/** A definition as a file holds it, free to be spoilt. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests break it at every place
export type Source = any;

const template = (kind: TemplateInfo['kind'], classes: TemplateInfo['classes'], more: Partial<TemplateInfo> = {}) => ({
  version: 'v1',
  kind,
  classes,
  locales: ['en', 'zh-CN'],
  offer: false,
  ...more,
});

/** Templates of a house: as many as the tests name. */
export const houseTemplates: TemplateIndex = {
  ...Object.fromEntries(
    ['renewal-m60', 'renewal-m30', 'renewal-m07', 'renewal-d00'].map((name) => [name, template('mail', ['service'])]),
  ),
  'renewal-m14': template('letter', ['service']),
  asking: template('mail', ['service'], { needs: ['links.survey'] }),
  wish: template('mail', ['marketing', 'service']),
  reminder: template('mail', ['marketing']),
  'wish-letter': template('letter', ['marketing', 'service']),
  'wish-text': template('text', ['marketing', 'service']),
  special: template('mail', ['marketing', 'service'], { offer: true }),
  'only-english': template('mail', ['marketing', 'service'], { locales: ['en'] }),
};

/** The renewal programme: a calendar journey about a policy. */
export const calendarSource = (): Source => JSON.parse(readFileSync('campaigns/renewal.json', 'utf8')) as Source;

const asks = (field: string, operator: string, value: unknown) => ({
  combinator: 'and',
  rules: [{ field, operator, value }],
});

/** A journey by flow about a customer, with every kind of step. */
export const flowSource = (): Source => ({
  formatVersion: 1,
  id: 'greeting',
  title: { 'zh-CN': '欢迎', en: 'Welcome' },
  subject: 'customer',
  trigger: { event: 'CustomerJoined', where: asks('event.channel', '=', 'branch') },
  class: 'marketing',
  audience: { rule: asks('consent.email.marketing', '=', true) },
  reEntry: 'never',
  exits: ['deceased', { event: 'CustomerLeft' }, { when: asks('customer.country', '!=', 'CN') }],
  useBy: 'P3D',
  steps: [
    { id: 'hello', do: { send: 'email', template: 'wish' }, onFailure: 'call' },
    { id: 'pause', do: { wait: { for: 'P14D' } } },
    {
      id: 'fork',
      do: { branch: { paths: [{ when: asks('journey.reacted', '=', true), next: 'thanks' }], otherwise: 'test' } },
    },
    {
      id: 'test',
      do: {
        split: [
          { share: 40, next: 'remind' },
          { share: 60, next: 'text' },
        ],
      },
    },
    { id: 'remind', do: { send: 'email', template: 'reminder' }, next: 'answer' },
    { id: 'text', do: { relay: { gateway: 'sms-house', channel: 'sms', template: 'wish-text' } } },
    { id: 'answer', do: { wait: { event: 'FormSent', upTo: 'P30D', otherwise: 'call' } } },
    { id: 'thanks', do: { set: { trait: 'welcomed', value: true } } },
    { id: 'done', do: { exit: 'welcomed' } },
    { id: 'call', do: { task: 'call', reason: 'no-reaction' } },
  ],
});
