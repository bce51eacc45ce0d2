import { describe, expect, it } from 'vitest';
import { all, policyOn, target, text } from './template.ts';

const [bucket] = all('AWS::S3::Bucket').filter(({ properties }) => /-inbound-/.test(text(properties['BucketName'])));
const [rule] = all('AWS::SES::ReceiptRule');

describe('mail that comes in (M5)', () => {
  it('SES puts what is for in.<domain> into the bucket, scanned, and encrypts nothing by itself', () => {
    expect(all('AWS::SES::ReceiptRuleSet')).toHaveLength(1);
    expect(all('AWS::SES::ReceiptRule')).toHaveLength(1);
    const { Rule: its, RuleSetName: set } = rule?.properties ?? {};
    expect(set).toBe('perennial-prod');
    expect(its).toMatchObject({ Enabled: true, ScanEnabled: true, Recipients: ['in.perennial.example'] });
    expect(its.Actions).toEqual([
      { S3Action: { BucketName: bucket?.properties['BucketName'], ObjectKeyPrefix: 'mail/' } },
    ]);
  });

  it('the bucket takes it from this rule of this account only, keeps it 400 days, and is not locked', () => {
    if (!bucket) throw new Error('no inbound bucket');
    const allowed = policyOn(bucket).filter(({ effect, services }) => effect === 'Allow' && services.length > 0);
    expect(allowed).toHaveLength(1);
    expect(allowed[0]).toMatchObject({ services: ['ses.amazonaws.com'], actions: ['s3:PutObject'] });
    expect(allowed[0]?.resources).toEqual([expect.stringMatching(/\/mail\/\*$/)]);
    const { 'aws:SourceArn': source, 'aws:SourceAccount': account } = allowed[0]?.conditions['StringEquals'] ?? {};
    expect(text(source)).toMatch(/:ses:.*:receipt-rule-set\/perennial-prod:receipt-rule\/replies$/);
    expect(text(account)).toBe('<AWS::AccountId>');
    expect(bucket.properties['LifecycleConfiguration'].Rules).toMatchObject([{ ExpirationInDays: 400 }]);
    expect(bucket.properties).not.toHaveProperty('ObjectLockEnabled');
  });

  it('the bucket tells its queue of mails, which takes it from this bucket only', () => {
    const [told, ...others] = bucket?.properties['NotificationConfiguration'].QueueConfigurations ?? [];
    expect(others).toEqual([]);
    expect(told).toMatchObject({
      Event: 's3:ObjectCreated:*',
      Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'mail/' }] } },
    });
    const queue = target(told.Queue);
    expect(text(queue.properties['QueueName'])).toBe('perennial-prod-inbound-mail');
    const allowed = policyOn(queue).filter(({ effect }) => effect === 'Allow');
    expect(allowed).toHaveLength(1);
    expect(text(allowed[0]?.conditions['ArnEquals']?.['aws:SourceArn'])).toMatch(/s3:::perennial-prod-inbound-/);
  });

  it('who reads it gets mails, writes none, and sends none', () => {
    const [fn] = all('AWS::Lambda::Function').filter(
      ({ properties }) => properties['Environment'].Variables.POWERTOOLS_SERVICE_NAME === 'receive-mail',
    );
    expect(Object.keys(fn?.properties['Environment'].Variables).sort()).toEqual([
      'BUS_NAME',
      'CHANGES_QUEUE_URL',
      'INBOUND_BUCKET',
      'LINK_SECRET_ARN',
      'POWERTOOLS_LOG_LEVEL',
      'POWERTOOLS_METRICS_NAMESPACE',
      'POWERTOOLS_SERVICE_NAME',
      'STAGE',
      'TABLE_NAME',
    ]);
  });
});
