import domains from '../../templates/link-domains.json' with { type: 'json' };

/** Pages that are ours: the insurer's and those below them (C18). What leads elsewhere is no part of a mail. */
export const isOwnDomain = (host: string): boolean => domains.some((own) => host === own || host.endsWith(`.${own}`));

/** True for an address that may be linked to, and be led to: https, of the insurer, and hiding nothing before an `@`. */
export const mayBeLinked = (url: string): boolean => {
  const parsed = URL.parse(url);
  return (
    parsed !== null &&
    !/[\s\\{}]/.test(url) &&
    parsed.protocol === 'https:' &&
    parsed.username === '' &&
    parsed.password === '' &&
    isOwnDomain(parsed.hostname)
  );
};
