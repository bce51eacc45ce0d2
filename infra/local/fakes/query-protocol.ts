import { randomUUID } from 'node:crypto';
import type { WireRefusal, WireRequest, WireResponse } from '../wire.ts';

/** The AWS Query protocol: parameters as a form, answers as XML. */

/** The parameters of a call. A mail makes one of them long, so it is decoded natively, and once a request. */
export const formOf = (request: WireRequest): ReadonlyMap<string, string> => {
  const known = forms.get(request);
  if (known) return known;
  const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));
  const form = new Map<string, string>();
  for (const pair of request.body.toString('latin1').split('&')) {
    const end = pair.indexOf('=');
    if (end > 0) form.set(decode(pair.slice(0, end)), decode(pair.slice(end + 1)));
  }
  forms.set(request, form);
  return form;
};

const forms = new WeakMap<WireRequest, ReadonlyMap<string, string>>();

/** Texts of `Destinations.member.1`, `.2` … in order. */
export const listOf = (form: ReadonlyMap<string, string>, name: string): string[] => {
  const texts: string[] = [];
  for (let n = 1; ; n++) {
    const text = form.get(`${name}.member.${n}`);
    if (text === undefined) return texts;
    texts.push(text);
  }
};

/** Text as XML content. */
export const xmlText = (text: string): string =>
  text.replace(/[&<>"]/g, (mark) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[mark] ?? mark);

/** The answer of `action`, whose result holds these texts. */
export const queryAnswer = (
  namespace: string,
  action: string,
  result: Readonly<Record<string, string>>,
): WireResponse => {
  const fields = Object.entries(result).map(([name, text]) => `<${name}>${xmlText(text)}</${name}>`);
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body:
      `<${action}Response xmlns="${namespace}"><${action}Result>${fields.join('')}</${action}Result>` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
  };
};

/** A refusal in the protocol's form. */
export const queryRefusal = (namespace: string, { status, code, message }: WireRefusal): WireResponse => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body:
    `<ErrorResponse xmlns="${namespace}"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type>` +
    `<Code>${xmlText(code)}</Code><Message>${xmlText(message)}</Message></Error>` +
    `<RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
});
