/** An e-mail address that mail can be sent to, its domain in lower case; undefined where `text` cannot be one.
 *  Quoted local parts and local parts beyond ASCII are legal and refused: SES takes neither. */
export const readEmail = (text: string): string | undefined => {
  const at = text.lastIndexOf('@');
  const [local, domain] = [text.slice(0, at), text.slice(at + 1).toLowerCase()];
  if (at < 1 || local.length > 64 || domain.length > 253) return undefined;
  if (!/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/.test(local)) return undefined;
  if (!/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{2,59})$/.test(domain)) return undefined;
  return `${local}@${domain}`;
};
