import { describe, expect, it } from 'vitest';
import { all, idOf, policyOn, resources, statementsOf, target } from './template.ts';

const [key] = all('AWS::KMS::Key');

describe('what lies still is encrypted with our key, what moves moves by TLS (S40)', () => {
  it('one key, rotated every year, kept when a stack goes', () => {
    expect(all('AWS::KMS::Key')).toHaveLength(1);
    expect(key?.properties['EnableKeyRotation']).toBe(true);
  });

  it('the key opens for services of AWS only on behalf of this account', () => {
    const services = statementsOf(key?.properties['KeyPolicy']).filter((statement) => statement.services.length > 0);
    expect(services.length).toBe(3);
    for (const statement of services) {
      expect(statement.actions.filter((action) => action.includes('*'))).toEqual([]);
      const held = Object.values(statement.conditions).flatMap((keys) => Object.values(keys));
      expect(held.length, JSON.stringify(statement)).toBe(1);
      expect(JSON.stringify(held)).toContain('AWS::AccountId');
    }
  });

  it('table', () => {
    const [table] = all('AWS::DynamoDB::Table');
    expect(table?.properties['SSESpecification']).toMatchObject({ SSEEnabled: true, SSEType: 'KMS' });
    expect(idOf(table?.properties['SSESpecification'].KMSMasterKeyId)).toBe(key?.id);
    expect(table?.properties['PointInTimeRecoverySpecification']).toEqual({ PointInTimeRecoveryEnabled: true });
    expect(table?.properties['DeletionProtectionEnabled']).toBe(true);
  });

  it.each(['AWS::SQS::Queue', 'AWS::SNS::Topic'])('%s', (type) => {
    expect(all(type).length).toBeGreaterThan(1);
    for (const resource of all(type)) {
      expect(idOf(resource.properties['KmsMasterKeyId']), resource.id).toBe(key?.id);
      const tls = policyOn(resource).filter((one) => one.effect === 'Deny');
      expect(tls.map((one) => one.conditions)).toEqual([{ Bool: { 'aws:SecureTransport': 'false' } }]);
    }
  });

  it('buckets: also closed to the public, with an access log; the log itself by S3’s key', () => {
    expect(all('AWS::S3::Bucket')).toHaveLength(5);
    for (const bucket of all('AWS::S3::Bucket')) {
      const [rule] = bucket.properties['BucketEncryption'].ServerSideEncryptionConfiguration;
      const isLog = bucket.id.startsWith('AccessLogs');
      if (isLog) expect(rule.ServerSideEncryptionByDefault).toEqual({ SSEAlgorithm: 'AES256' });
      else expect(idOf(rule.ServerSideEncryptionByDefault.KMSMasterKeyID)).toBe(key?.id);
      expect(Object.values(bucket.properties['PublicAccessBlockConfiguration'])).toEqual([true, true, true, true]);
      expect('LoggingConfiguration' in bucket.properties).toBe(!isLog);
      const denied = policyOn(bucket).filter((one) => one.effect === 'Deny');
      expect(JSON.stringify(denied.map((one) => one.conditions))).toContain('"aws:SecureTransport":"false"');
    }
  });

  it('logs: encrypted, and ended', () => {
    expect(all('AWS::Logs::LogGroup')).toHaveLength(all('AWS::Lambda::Function').length + 1);
    for (const log of all('AWS::Logs::LogGroup')) {
      expect(idOf(log.properties['KmsKeyId'])).toBe(key?.id);
      expect(log.properties['RetentionInDays']).toBe(365);
    }
  });

  it('the secrets, of links and of calls to other systems: made by AWS, 64 characters, never in an environment', () => {
    const secrets = all('AWS::SecretsManager::Secret');
    expect(secrets).toHaveLength(2);
    for (const secret of secrets) {
      expect(idOf(secret.properties['KmsKeyId'])).toBe(key?.id);
      expect(secret.properties['GenerateSecretString']).toEqual({ PasswordLength: 64, ExcludePunctuation: true });
    }
    for (const fn of all('AWS::Lambda::Function')) {
      for (const [name, value] of Object.entries(fn.properties['Environment'].Variables)) {
        expect(JSON.stringify(value), name).not.toMatch(/resolve:secretsmanager|SecretString/);
        if (/SECRET|TOKEN|PASSWORD/.test(name)) expect(name).toMatch(/_ARN$/);
      }
    }
  });
});

describe('what was sent stays as it was sent (M7)', () => {
  it('messages are versioned and locked for ten years', () => {
    const bucket = target(all('AWS::S3::Bucket').find((one) => one.id.startsWith('MessagesBucket'))?.id);
    expect(bucket.properties['VersioningConfiguration']).toEqual({ Status: 'Enabled' });
    expect(bucket.properties['ObjectLockEnabled']).toBe(true);
    expect(bucket.properties['ObjectLockConfiguration'].Rule.DefaultRetention).toEqual({
      Mode: 'GOVERNANCE',
      Days: 3_653,
    });
    expect(bucket.properties['LifecycleConfiguration']).toBeUndefined();
  });

  it('imported files, full of personal data, go after 90 days', () => {
    const bucket = target(all('AWS::S3::Bucket').find((one) => one.id.startsWith('ImportsBucket'))?.id);
    const rules = bucket.properties['LifecycleConfiguration'].Rules as { Prefix?: string; ExpirationInDays?: number }[];
    expect(rules.flatMap((rule) => (rule.Prefix === undefined ? [] : [[rule.Prefix, rule.ExpirationInDays]]))).toEqual([
      ['chunks/', 30],
      ['incoming/', 90],
      ['errors/', 90],
    ]);
  });
});

it('staff sign in with a second factor, and nobody makes an account for himself', () => {
  const [pool] = all('AWS::Cognito::UserPool');
  expect(pool?.properties).toMatchObject({
    MfaConfiguration: 'ON',
    EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    DeletionProtection: 'ACTIVE',
  });
  expect(all('AWS::Cognito::UserPoolGroup').map((group) => group.properties['GroupName'])).toEqual([
    'marketing',
    'approver',
    'manager',
    'compliance',
    'head',
    'engineer',
  ]);
});

it('alarms reach their topic', () => {
  const topic = target(all('AWS::CloudWatch::Alarm')[0]?.properties['AlarmActions'][0]);
  expect(policyOn(topic).filter((one) => one.services.includes('cloudwatch.amazonaws.com'))).toHaveLength(1);
  expect(resources.filter((one) => one.type === 'AWS::CloudWatch::Alarm').length).toBeLessThanOrEqual(20);
});
