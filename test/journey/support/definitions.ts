/** Definitions of campaigns as a person writes them, short. */

export const MADRID = 'Europe/Madrid';

const base = (id: string) => ({
  formatVersion: 1,
  id,
  title: { 'zh-CN': id, en: id },
  exits: ['deceased'],
  useBy: 'P3D',
});

/** One mail to everybody on a list, once.
 *  @param at wall clock in Madrid */
export const broadcast = (id: string, list: string, at: string, more: object = {}) => ({
  ...base(id),
  subject: 'customer',
  trigger: { once: { at, zone: MADRID } },
  class: 'marketing',
  audience: { include: [list] },
  reEntry: 'never',
  steps: [{ id: 'hello', do: { send: 'email', template: 'birthday' } }],
  ...more,
});

/** A journey of steps, one after the other. */
export const flow = (id: string, trigger: object, steps: readonly object[], more: object = {}) => ({
  ...base(id),
  subject: 'customer',
  trigger,
  class: 'service',
  reEntry: 'per-term',
  steps,
  ...more,
});
