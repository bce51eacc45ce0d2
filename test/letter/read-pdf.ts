import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** A PDF as a reader program sees it. */
export interface ReadPdf {
  readonly pages: number;
  readonly text: string;
  readonly language: string | undefined;
  readonly title: string | undefined;
  /** Roles of the structure tree of page 1, as `H1`, `Table`; a figure with its alternative text: `Figure: …`. */
  readonly roles: readonly string[];
  /** Text runs of page 1 with their place in millimetres from its top left corner. */
  readonly runs: readonly { readonly text: string; readonly x: number; readonly y: number }[];
  /** Pages' sizes in millimetres. */
  readonly size: readonly [number, number];
}

const MM = 25.4 / 72;

interface StructNode {
  readonly role?: string;
  readonly alt?: string;
  readonly children?: readonly unknown[];
}

const rolesOf = (node: StructNode | null): string[] =>
  node === null
    ? []
    : [
        ...(node.role === undefined ? [] : [node.alt === undefined ? node.role : `${node.role}: ${node.alt}`]),
        ...(node.children ?? []).flatMap((child) => rolesOf(child as StructNode)),
      ];

/** Reads a PDF with pdf.js. */
export const readPdf = async (pdf: Uint8Array): Promise<ReadPdf> => {
  const loading = getDocument({ data: new Uint8Array(pdf), useSystemFonts: false, verbosity: 0 });
  const document = await loading.promise;
  const texts: string[] = [];
  const runs: { text: string; x: number; y: number }[] = [];
  let size: readonly [number, number] = [0, 0];
  for (let number = 1; number <= document.numPages; number += 1) {
    const page = await document.getPage(number);
    const [, , width = 0, height = 0] = page.view;
    size = [Math.round(width * MM), Math.round(height * MM)];
    const { items } = await page.getTextContent();
    for (const item of items) {
      if (!('str' in item)) continue;
      texts.push(item.str, item.hasEOL ? '\n' : '');
      if (number === 1 && item.str.trim() !== '') {
        runs.push({ text: item.str, x: item.transform[4] * MM, y: (height - item.transform[5]) * MM });
      }
    }
  }
  const { info } = await document.getMetadata();
  const known = info as { Title?: string; Language?: string };
  const roles = rolesOf(await (await document.getPage(1)).getStructTree());
  const read = {
    pages: document.numPages,
    text: texts.join('').replaceAll('\u200b', ''),
    language: known.Language,
    title: known.Title,
    roles,
    runs,
    size,
  };
  await loading.destroy();
  return read;
};
