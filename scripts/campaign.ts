import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoTable } from '../shared/platform/dynamo-table.ts';
import { campaignCommand } from './campaign/command.ts';
import { thisMachine } from './staff/this-machine.ts';

/** `npm run campaign`: definition files, their way from draft to launch, and what became of them. */
process.exitCode = await campaignCommand(process.argv.slice(2), {
  ...thisMachine,
  table: (name) => createDynamoTable(new DynamoDBClient(), name),
});
