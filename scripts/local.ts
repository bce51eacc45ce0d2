import { localCommand } from './local/command.ts';
import { thisMachine } from './staff/this-machine.ts';

/** `npm run local`: the clock and the mails of a system on this machine. */
process.exitCode = await localCommand(process.argv.slice(2), thisMachine);
