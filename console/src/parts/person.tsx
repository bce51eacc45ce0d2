import { userId } from '../sign-in.ts';
import type { ConsoleText } from '../text/en.ts';
import { useLanguage } from '../text.ts';

/** A member of staff: oneself, or the id by which the house knows a colleague. */
export const Person = ({ id }: { id: string }) => {
  const { text } = useLanguage();
  return id === userId() ? <>{text.tasks.you}</> : <bdi class="code">{id}</bdi>;
};

/** The same where only plain text fits. */
export const personText = (id: string, text: ConsoleText): string => (id === userId() ? text.tasks.you : id);

/** A customer, leading to all that is known of them. */
export const CustomerLink = ({ id, name }: { id: string; name: string | undefined }) => (
  <a href={`#/customers/${encodeURIComponent(id)}`}>
    <bdi>{name ?? '—'}</bdi>
  </a>
);

/** A telephone number to be tapped. */
export const PhoneLink = ({ phone }: { phone: string }) => (
  <a class="phone" href={`tel:${phone.replaceAll(/[^+\d]/g, '')}`}>
    <bdi>{phone}</bdi>
  </a>
);
