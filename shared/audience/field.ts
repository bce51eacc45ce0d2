import type { Purpose } from '../customer/customer.ts';
import type { Money } from '../platform/money.ts';
import type { CivilDate } from '../platform/time.ts';
import { customerFields } from './customer-fields.ts';
import { claimsField, policiesField, policyFields } from './insurance-fields.ts';
import { historyFields, journeyFields } from './journey-fields.ts';
import type { RuleSubject, SubjectPart } from './rule-subject.ts';

/** In both languages of the console. */
export interface Label {
  readonly 'zh-CN': string;
  readonly en: string;
}

/** One value of a field with a closed list of them. */
export interface Choice {
  readonly name: string;
  readonly label: Label;
}

/**
 * What a field holds, and so what can be asked of it (`operator.ts`). `choice` is one of `values`, `money` an amount
 * within its currency, `flag` yes or no, `set` several of `values` (or of names, where there are none), `list` elements
 * with fields of their own, `open` whatever somebody put there: a trait, a property of an event.
 */
export type FieldType = 'text' | 'choice' | 'number' | 'money' | 'flag' | 'date' | 'set' | 'list' | 'open';

/** A value as a subject has it; elements of a list are parts of the subject. */
export type Actual = string | number | boolean | Money | readonly string[] | readonly object[];

/** Reads the field from its part of the subject (an element's field: from the element). Undefined: not known. */
type Getter = (source: never, today: CivilDate) => Actual | undefined;

/** One thing that rules can ask about. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly label: Label;
  /** The part of the subject that it reads. */
  readonly part: SubjectPart;
  readonly values?: readonly Choice[];
  /** Of a list: what can be asked of each element, by names of their own. */
  readonly elements?: readonly Field[];
  /** Its answer changes with the day although nothing happened. */
  readonly relative?: boolean;
  /** A marketing campaign may ask for it only of people who consented to this purpose on some channel (C11). */
  readonly sensitive?: Purpose;
  readonly get: Getter;
}

/** Every field with a fixed name. Traits and event properties are found by `findField`. */
export const fieldCatalogue: readonly Field[] = [
  ...customerFields,
  {
    name: 'lists',
    type: 'set',
    label: { 'zh-CN': '名单', en: 'uploaded lists' },
    part: 'lists',
    get: (lists: NonNullable<RuleSubject['lists']>) => lists,
  },
  policiesField,
  claimsField,
  ...historyFields,
  ...policyFields,
  ...journeyFields,
];

const byName = new Map(fieldCatalogue.map((field) => [field.name, field]));

const TRAIT = 'customer.trait.';
const PROPERTY = 'event.';
const OPEN_NAME = /^[A-Za-z][\w-]{0,59}$/;

/** The field that `name` names: of the catalogue, a trait (`customer.trait.<name>`), or a property (`event.<name>`).
 *  @returns undefined where there is none */
export const findField = (name: string): Field | undefined => {
  const known = byName.get(name);
  if (known) return known;
  if (name.startsWith(TRAIT) && OPEN_NAME.test(name.slice(TRAIT.length))) {
    const trait = name.slice(TRAIT.length);
    return {
      name,
      type: 'open',
      label: { 'zh-CN': `客户标注：${trait}`, en: `customer trait ${trait}` },
      part: 'customer',
      get: ({ traits }: NonNullable<RuleSubject['customer']>) =>
        Object.hasOwn(traits, trait) ? traits[trait] : undefined,
    };
  }
  if (name.startsWith(PROPERTY) && OPEN_NAME.test(name.slice(PROPERTY.length))) {
    const property = name.slice(PROPERTY.length);
    return {
      name,
      type: 'open',
      label: { 'zh-CN': `事件属性：${property}`, en: `event property ${property}` },
      part: 'event',
      get: (event: NonNullable<RuleSubject['event']>) => (Object.hasOwn(event, property) ? event[property] : undefined),
    };
  }
  return undefined;
};
