import type { Composed } from './composed.ts';
import { fieldCatalogue, fieldOf } from './field-catalogue.ts';
import type { Place, Report } from './finding.ts';
import { createLiquid, describeFailure } from './liquid.ts';

const liquid = createLiquid((value) => value);

/** How many single-letter edits apart two names are. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
};

/** Names longer than any field are nobody's typo, and comparing them would cost. */
const LONGEST = 60;

/** The field that was probably meant, or undefined where none is near. */
const nearestField = (field: string): string | undefined => {
  if (field.length > LONGEST) return undefined;
  const [near] = Object.keys(fieldCatalogue)
    .map((name) => ({ name, far: distance(name, field) }))
    .sort((a, b) => a.far - b.far);
  return near !== undefined && near.far <= 4 ? near.name : undefined;
};

/** `unknown field "policy.renewOn", did you mean "policy.renewsOn"?` */
export const unknownField = (field: string): string => {
  const near = nearestField(field);
  return `unknown field "${field}"${near === undefined ? ': see the field catalogue' : `, did you mean "${near}"?`}`;
};

/**
 * Checks that a text is Liquid and uses fields of the catalogue only.
 * @param place where the whole text stands, or the text as composed, which knows its lines
 * @returns false where it is no Liquid: then nothing else can be said about it
 */
export const checkFields = (text: string, place: Place | Composed, report: Report): boolean => {
  const at = (line: number | undefined): Place =>
    'originOf' in place
      ? place.originOf(line ?? 1)
      : { ...place, ...(line === undefined ? {} : { line: (place.line ?? 1) + line - 1 }) };
  try {
    liquid.compile(text);
    for (const field of liquid.fields(text)) {
      if (fieldOf(field) !== undefined) continue;
      const leaf = field.split('.').at(-1) ?? field;
      const line = text.split('\n').findIndex((one) => one.includes(leaf) && /\{[{%]/.test(one));
      report({
        level: 'error',
        code: 'unknown-field',
        message: unknownField(field),
        place: at(line === -1 ? undefined : line + 1),
      });
    }
    return true;
  } catch (error) {
    const failure = describeFailure(error);
    if (failure?.kind !== 'broken') throw error;
    report({ level: 'error', code: 'liquid', message: failure.detail, place: at(failure.line) });
    return false;
  }
};
