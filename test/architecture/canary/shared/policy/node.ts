import { readFileSync } from 'node:fs';

export const node = readFileSync;
