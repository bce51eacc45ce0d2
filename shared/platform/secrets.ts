import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { EngagementError } from './errors.ts';
import { once } from './once.ts';

/** Reads the secret once and keeps it for the life of the container: a rotation takes effect with the next one. */
export const createSecretReader = (client: SecretsManagerClient, secretArn: string): (() => Promise<Uint8Array>) =>
  once(async () => {
    const { SecretString: text } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    if (text === undefined || text === '')
      throw new EngagementError('misconfigured', 'link secret is empty: deploy the data stack again');
    return Buffer.from(text, 'utf8');
  });

/** Secrets by the name of the variable that holds their ARN. */
export const secretReaders =
  (client: SecretsManagerClient, setting: (variable: string) => string) =>
  (variable: string): (() => Promise<Uint8Array>) =>
    createSecretReader(client, setting(variable));
