import { thisMachine } from './staff/this-machine.ts';
import { templateCommand } from './template/command.ts';

/** `npm run template`: templates as files, looked at, tested and saved. */
process.exitCode = await templateCommand(process.argv.slice(2), thisMachine);
