import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { createSecrets } from '../../../infra/local/fakes/secrets/secrets.ts';
import type { SecretResource } from '../../../infra/local/template/resources.ts';
import { clientSettings, createTestWorld } from './world.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:links-Ab12Cd';
const LINKS: SecretResource = {
  logicalId: 'Links',
  name: 'links',
  arn: ARN,
  generate: { length: 64, excludePunctuation: true, excludeCharacters: 'abc' },
};
const KEYED: SecretResource = {
  logicalId: 'Keyed',
  name: 'keyed',
  arn: ARN.replace('links', 'keyed'),
  generate: { length: 20, excludePunctuation: false, excludeCharacters: '', template: '{"user":"x"}', key: 'password' },
};

test('a secret is drawn once as the template asks, and found by name and ARN', async () => {
  const world = createTestWorld({ secrets: [LINKS, KEYED] });
  const secrets = createSecrets(world);
  const client = new SecretsManagerClient(clientSettings(await world.serve(secrets)));
  const read = async (id: string) => client.send(new GetSecretValueCommand({ SecretId: id }));
  const first = await read('links');
  expect(first).toMatchObject({
    ARN,
    Name: 'links',
    VersionStages: ['AWSCURRENT'],
    CreatedDate: new Date('2019-01-31T09:00:00Z'),
  });
  expect(first.SecretString).toMatch(/^[d-zA-Z0-9]{64}$/);
  expect((await read(ARN)).SecretString).toBe(first.SecretString);
  expect((await read(ARN.slice(0, -7))).SecretString).toBe(first.SecretString);
  const keyed = JSON.parse((await read('keyed')).SecretString ?? '') as Record<string, string>;
  expect(keyed['user']).toBe('x');
  expect(keyed['password']).toHaveLength(20);

  createSecrets(world);
  expect((await read('links')).SecretString).toBe(first.SecretString);

  await expect(read('none')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  const write = new PutSecretValueCommand({ SecretId: 'links', SecretString: 'x' });
  await expect(client.send(write)).rejects.toThrow(/secretsmanager:PutSecretValue is not covered/);
  const request = {
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: { 'x-amz-target': 'secretsmanager.GetSecretValue' },
    body: Buffer.from('{"SecretId":"links"}'),
    principal: 'SendMail',
  };
  expect(secrets.actionOf(request)).toMatchObject({ action: 'secretsmanager:GetSecretValue', resources: [ARN] });
  client.destroy();
  await world.close();
});
