/** What may be shown of an address that names a person: enough for its owner to recognise it, too little for anybody
 *  else to use it (S11). */

const DOTS = '•••';

/** `13812341234` → `138••••1234`; shorter numbers show their last three digits. */
export const maskPhone = (phone: string): string => {
  const digits = phone.replaceAll(/[^\d+]/g, '');
  if (digits.length >= 10) return `${digits.slice(0, -8)}••••${digits.slice(-4)}`;
  return digits.length > 5 ? `${DOTS}${digits.slice(-3)}` : DOTS;
};

/** `zhang.wei@example.com` → `z•••@example.com`. */
export const maskEmail = (email: string): string => {
  const at = email.lastIndexOf('@');
  return at < 1 ? DOTS : `${[...email][0]}${DOTS}${email.slice(at)}`;
};

/** `张伟` → `张•••`, `María García` → `M••• G•••`: the first letter of each word. */
export const maskName = (name: string): string =>
  name
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => `${[...word][0]}${DOTS}`)
    .join(' ') || DOTS;
