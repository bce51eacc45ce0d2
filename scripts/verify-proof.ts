import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isProven, verifyBundle } from '../shared/history/verify-bundle.ts';

/** `npm run verify-proof`: checks a proof bundle offline. */

const HELP = `usage: npm run verify-proof -- FILE

Checks the proof of one message, as GET /api/messages/{customer}/{row}/proof gave it, without any network: that no byte
was changed, that message and decision belong together, that the rules give the same answer to the same question, and
that template and data make these very bytes. Ends with 0 where nothing failed, 1 where something did, 2 for wrong use.`;

const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' } },
  allowPositionals: true,
});
const [file] = positionals;
if (values.help || file === undefined || positionals.length > 1) {
  process.stdout.write(`${HELP}\n`);
  process.exitCode = values.help ? 0 : 2;
} else {
  let text: string | undefined;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    process.stderr.write(`cannot read ${file}: name a file that holds a proof bundle\n`);
    process.exitCode = 2;
  }
  if (text !== undefined) {
    const checks = verifyBundle(text);
    for (const { name, verdict, why } of checks)
      process.stdout.write(`${verdict.padEnd(8)}${name}${why === undefined ? '' : `: ${why}`}\n`);
    const proven = isProven(checks);
    process.stdout.write(proven ? 'PROVEN: the message was sent as shown\n' : 'NOT PROVEN\n');
    process.exitCode = proven ? 0 : 1;
  }
}
