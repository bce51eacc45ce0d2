/** Access key ids of the local runtime name their owner, so that every call can be checked against its statements. */

const PREFIX = 'LOCAL0';

/** The secret key of every access key here: signatures keep nobody out of a loopback address. */
export const SECRET_KEY = 'local';

/** Whoever calls with any other key: a developer, a test, the gateway. May do everything. */
export const OPERATOR = 'operator';

/** The access key id that the function `logicalId` is given. */
export const accessKeyOf = (logicalId: string): string => `${PREFIX}${logicalId}`;

/** @returns the logical id of the calling function, or `operator`, from the signature's credential (header or
 *  pre-signed query). The signature itself is not checked: keys never leave this machine. */
export const principalOf = (headers: Readonly<Record<string, unknown>>, query: URLSearchParams): string => {
  const credential =
    /Credential=([^/,\s]+)/.exec(String(headers['authorization'] ?? ''))?.[1] ??
    query.get('X-Amz-Credential')?.split('/')[0] ??
    '';
  return credential.startsWith(PREFIX) ? credential.slice(PREFIX.length) : OPERATOR;
};

/** The service a signed request is for (`sqs`, `s3`, `email` …) from its credential scope; undefined when unsigned. */
export const signedServiceOf = (
  headers: Readonly<Record<string, unknown>>,
  query: URLSearchParams,
): string | undefined => {
  const scope =
    /Credential=([^,\s]+)/.exec(String(headers['authorization'] ?? ''))?.[1] ?? query.get('X-Amz-Credential');
  return scope?.split('/').at(-2);
};
