import { topics } from '../../shared/customer/customer.ts';
import { readEmail } from '../../shared/customer/read-email.ts';
import { texts } from '../../shared/page/texts.ts';
import { type PreferenceWish, preferenceChannels } from '../../shared/survey/preferences.ts';
import { NOTE_CHARACTERS } from '../../shared/survey/told-on-page.ts';

/** What a button of the preference page asks for. */
const acts = ['save', 'pause', 'resume', 'stop', 'tell', 'address', 'not-me'] as const;
export type PreferenceAct = (typeof acts)[number];

/** A posted form of the page, read. */
export type PreferenceForm =
  | { readonly act: 'save'; readonly wish: PreferenceWish }
  | { readonly act: 'pause' | 'resume' | 'stop' | 'not-me' }
  | { readonly act: 'tell'; readonly text: string }
  | { readonly act: 'address'; readonly email: string }
  | { readonly act: 'wrong'; readonly field: 'email' | 'text'; readonly written: string }
  /** No form of ours. */
  | { readonly act: 'foreign' };

const paces = {
  any: {},
  weekly: { pace: 'weekly' },
  monthly: { pace: 'monthly' },
  quarterly: { pace: 'quarterly' },
} as const;

const wishOf = (form: Readonly<Record<string, string>>): PreferenceForm => {
  const { pace = '', language = '' } = form;
  if (!Object.hasOwn(paces, pace) || !Object.hasOwn(texts, language)) return { act: 'foreign' };
  return {
    act: 'save',
    wish: {
      topics: topics.filter((topic) => form[`topic-${topic}`] === 'yes'),
      channels: preferenceChannels.filter((channel) => form[`channel-${channel}`] === 'yes'),
      contractMail: form['contract-mail'] === 'yes',
      locale: language,
      ...paces[pace as keyof typeof paces],
    },
  };
};

/** Reads what was posted. A page is posted whole: a box that is not there was not ticked. */
export const readPreferenceForm = (form: Readonly<Record<string, string>>): PreferenceForm => {
  const act = acts.find((known) => known === form.do);
  const text = (form.text ?? '').trim();
  const written = form.email ?? '';
  const email = readEmail(written.trim());
  switch (act) {
    case undefined:
      return { act: 'foreign' };
    case 'save':
      return wishOf(form);
    case 'tell':
      return text === '' || [...text].length > NOTE_CHARACTERS
        ? { act: 'wrong', field: 'text', written: text.slice(0, NOTE_CHARACTERS) }
        : { act, text };
    case 'address':
      return email === undefined ? { act: 'wrong', field: 'email', written: written.slice(0, 254) } : { act, email };
    default:
      return { act };
  }
};
