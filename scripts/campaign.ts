import { readFileSync, writeFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoTable } from '../shared/platform/dynamo-table.ts';
import { campaignCommand } from './campaign/command.ts';

/** `npm run campaign`: definition files against this build, and between a file and a running system. */
process.exitCode = await campaignCommand(process.argv.slice(2), {
  fetch,
  read: (file) => readFileSync(file, 'utf8'),
  write: (file, text) => writeFileSync(file, text),
  say: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  token: process.env.PERENNIAL_TOKEN,
  table: (name) => createDynamoTable(new DynamoDBClient(), name),
});
