/** What every answer over HTTP has in common, whichever function gives it. Pure: no framework, no SDK. */

/** Directives of a content security policy; an empty list of sources means the directive alone. */
export type ContentPolicy = Readonly<Record<string, readonly string[]>>;

const policyText = (policy: ContentPolicy): string =>
  Object.entries(policy)
    .map(([directive, sources]) => [directive, ...sources].join(' '))
    .join('; ');

/** The security headers of every page and API answer (S32): nothing is framed, sniffed, cached or told to others.
 *  @param policy the page's own directives, added to a base that allows nothing */
export const securityHeaders = (policy: ContentPolicy = {}): Record<string, string> => ({
  'Content-Security-Policy': policyText({
    'default-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
    ...policy,
  }),
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
});

/** The media type of a request, without its parameters, lowercase; empty where none is given. */
export const mediaType = (contentType: string | undefined): string =>
  (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/**
 * Names a failed request: the gateway's own id where there is one, so that the customer's words on the phone find the
 * log line (S35). Anything else than plain characters is refused, because it is printed and logged.
 */
export const requestIdOf = (given: unknown, fallback: () => string): string =>
  typeof given === 'string' && /^[A-Za-z0-9=_-]{1,64}$/.test(given) ? given : fallback();
