import { readFileSync } from 'node:fs';
import Papa from 'papaparse';

/** Not a function of ours: bundled by function-code.test.ts. It reads a folder and needs a package in the old format. */
export const handler = async (): Promise<{ definition: unknown; rows: number }> => ({
  definition: JSON.parse(readFileSync(new URL('../../campaigns/renewal.json', import.meta.url), 'utf8')),
  rows: Papa.parse('a,b\n1,2').data.length,
});
