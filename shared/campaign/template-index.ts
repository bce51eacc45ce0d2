import type { SendClass } from '../customer/customer.ts';
import type { CampaignDefinition } from './definition.ts';
import type { Save } from './pin-makers.ts';

/** What a definition must know of a template: the current version of one name, all locales together. */
export interface TemplateInfo {
  /** Content hash of the version. */
  readonly version: string;
  readonly locales: readonly string[];
  /** Send classes it may be sent as. */
  readonly classes: readonly SendClass[];
  readonly kind: 'mail' | 'letter' | 'text';
  /** True where it holds an offer block, which makes a message marketing (product.md M1). */
  readonly offer?: boolean;
  /** What whoever sends it must give beyond what is known of everybody. */
  readonly needs?: readonly string[];
  /** Who saved it, latest last; absent where it ships as it is. */
  readonly saves?: readonly Save[];
}

/** The templates there are, by name. */
export type TemplateIndex = Readonly<Record<string, TemplateInfo>>;

/** Where a definition names a template, and what kind of template it must be. */
export interface TemplateUse {
  /** Such as `steps.3.do.template`. */
  readonly path: string;
  readonly template: string;
  readonly kind: TemplateInfo['kind'];
  /** The step asks a survey. */
  readonly asks: boolean;
}

const KIND_OF = { email: 'mail', invite: 'mail', letter: 'letter' } as const;

/** Every place where a definition names a template. */
export const templateUses = ({ steps }: CampaignDefinition): readonly TemplateUse[] =>
  steps.flatMap(({ do: act, otherwise }, n) => [
    ...('send' in act
      ? [
          {
            path: `steps.${n}.do.template`,
            template: act.template,
            kind: KIND_OF[act.send],
            asks: act.survey !== undefined,
          },
        ]
      : []),
    ...('relay' in act
      ? [{ path: `steps.${n}.do.relay.template`, template: act.relay.template, kind: 'text' as const, asks: false }]
      : []),
    ...(otherwise
      ? [
          {
            path: `steps.${n}.otherwise.template`,
            template: otherwise.template,
            kind: KIND_OF[otherwise.send],
            asks: 'send' in act && act.survey !== undefined,
          },
        ]
      : []),
  ]);

/** The versions to pin a definition with: of each template that it names and that there is (F34). */
export const versionsFor = (definition: CampaignDefinition, index: TemplateIndex): Readonly<Record<string, string>> =>
  Object.fromEntries(
    templateUses(definition).flatMap(({ template }) => {
      const found = Object.hasOwn(index, template) ? index[template] : undefined;
      return found === undefined ? [] : [[template, found.version]];
    }),
  );
