import { randomInt, randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { SecretResource } from '../../template/resources.ts';
import { type Fake, WireRefusal, type WireRequest, type World } from '../../wire.ts';
import { jsonAnswer, jsonOperation, jsonRefusal, notCovered, readJson } from '../json-protocol.ts';

const SCHEMA = `CREATE TABLE IF NOT EXISTS secrets_value (
  arn TEXT PRIMARY KEY, value TEXT NOT NULL, version TEXT NOT NULL, created INTEGER NOT NULL)`;

const getSchema = z.strictObject({
  SecretId: z.string(),
  VersionStage: z.literal('AWSCURRENT').optional(),
  VersionId: z.string().optional(),
});

/** The value of a secret, for a fake that shares it with a function. @returns undefined before `createSecrets` drew it */
export const secretValue = (db: DatabaseSync, arn: string): string | undefined =>
  (db.prepare('SELECT value FROM secrets_value WHERE arn = ?').get(arn) as { value: string } | undefined)?.value;

/** Secrets Manager: reads the secrets of the template, which are drawn once and stay in the state file. */
export const createSecrets = (world: World): Fake => {
  const { secrets } = world.resources;
  const { db } = world;
  db.exec(SCHEMA);
  const read = db.prepare('SELECT value, version, created FROM secrets_value WHERE arn = ?');
  const keep = db.prepare('INSERT OR IGNORE INTO secrets_value (arn, value, version, created) VALUES (?, ?, ?, ?)');
  for (const secret of secrets) keep.run(secret.arn, firstValueOf(secret), randomUUID(), world.clock.now());

  const readCall = (request: WireRequest) => {
    const operation = jsonOperation(request);
    if (operation !== 'GetSecretValue') throw notCovered(`secretsmanager:${operation}`);
    const input = readJson(getSchema, request, 'secretsmanager:GetSecretValue');
    // the service takes an ARN without its six random characters, too
    const secret = secrets.find(
      ({ name, arn }) =>
        name === input.SecretId || arn === input.SecretId || arn.replace(/-\w{6}$/, '') === input.SecretId,
    );
    if (!secret) {
      throw new WireRefusal(400, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    }
    return { secret, input };
  };

  return {
    accepts: ({ headers }) => headers['x-amz-target']?.startsWith('secretsmanager.') ?? false,
    actionOf: (request) => ({
      action: 'secretsmanager:GetSecretValue',
      resources: [readCall(request).secret.arn],
      context: { 'secretsmanager:VersionStage': 'AWSCURRENT' },
    }),
    async handle(request) {
      const { secret, input } = readCall(request);
      const { value, version, created } = read.get(secret.arn) as { value: string; version: string; created: number };
      if (input.VersionId !== undefined && input.VersionId !== version) {
        throw new WireRefusal(
          400,
          'ResourceNotFoundException',
          "Secrets Manager can't find the specified secret value.",
        );
      }
      return jsonAnswer('1.1', {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version,
        SecretString: value,
        VersionStages: ['AWSCURRENT'],
        CreatedDate: created / 1_000,
      });
    },
    refuse: (_request, refusal) => jsonRefusal('1.1', refusal),
  };
};

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** As GenerateSecretString of the template asks: a drawn text, by itself or as one key of a JSON template. */
const firstValueOf = ({ generate, value }: SecretResource): string => {
  if (!generate) return value ?? '';
  const { length, excludePunctuation, excludeCharacters, template, key } = generate;
  const alphabet = `${LETTERS}${excludePunctuation ? '' : PUNCTUATION}`
    .split('')
    .filter((letter) => !excludeCharacters.includes(letter));
  const drawn = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
  if (template === undefined || key === undefined) return drawn;
  return JSON.stringify({ ...(JSON.parse(template) as object), [key]: drawn });
};
