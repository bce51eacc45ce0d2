import * as z from 'zod';
import { EngagementError } from '../../../shared/platform/errors.ts';
import type { Place } from './kinds.ts';
import { flag, ignored, readProperties } from './properties.ts';
import type { Resource } from './resolve.ts';
import type { ReceiptRuleResource } from './resources.ts';

const ruleSetProperties = z.strictObject({ RuleSetName: z.string(), Tags: ignored });

const ruleProperties = z.strictObject({
  RuleSetName: z.string(),
  After: ignored,
  Rule: z.strictObject({
    Name: z.string(),
    Enabled: flag.default(false),
    Recipients: z.array(z.string()).default([]),
    ScanEnabled: flag.default(false),
    TlsPolicy: ignored,
    Actions: z
      .array(
        z.strictObject({
          S3Action: z.strictObject({ BucketName: z.string(), ObjectKeyPrefix: z.string().default('') }),
        }),
      )
      .length(1),
  }),
});

/** The receipt rules of the template; the local runtime takes their rule set for the active one.
 *  @throws EngagementError `misconfigured` for a rule whose set is not in the template */
export const readReceiptRules = (resources: readonly Resource[], place: Place): readonly ReceiptRuleResource[] => {
  const sets = resources
    .filter(({ type }) => type === 'AWS::SES::ReceiptRuleSet')
    .map((resource) => readProperties(resource, ruleSetProperties).RuleSetName);
  return resources
    .filter(({ type }) => type === 'AWS::SES::ReceiptRule')
    .map((resource) => {
      const { RuleSetName: set, Rule: rule } = readProperties(resource, ruleProperties);
      if (!sets.includes(set))
        throw new EngagementError(
          'misconfigured',
          `receipt rule ${rule.Name} belongs to rule set ${set}, which the template does not hold`,
        );
      const [action] = rule.Actions;
      return {
        logicalId: resource.logicalId,
        name: rule.Name,
        arn: `arn:aws:ses:${place.region}:${place.account}:receipt-rule-set/${set}:receipt-rule/${rule.Name}`,
        enabled: rule.Enabled,
        recipients: rule.Recipients,
        scans: rule.ScanEnabled,
        bucketName: action?.S3Action.BucketName ?? '',
        prefix: action?.S3Action.ObjectKeyPrefix ?? '',
      };
    });
};
