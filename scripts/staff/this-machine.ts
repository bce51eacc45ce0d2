import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StaffWorld } from './command-line.ts';

// a reader that has seen enough (head, a pager that was left) ends the command, too
process.stdout.on('error', () => process.exit());

/** The world around a command as it is: files, network, terminal. */
export const thisMachine: StaffWorld = {
  fetch,
  read: (file) => readFileSync(file, 'utf8'),
  write(file, text) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  },
  list(folder) {
    try {
      return readdirSync(folder).sort();
    } catch {
      return [];
    }
  },
  say: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  token: process.env.PERENNIAL_TOKEN,
};
