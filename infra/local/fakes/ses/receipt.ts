import { randomUUID } from 'node:crypto';
import { EngagementError } from '../../../../shared/platform/errors.ts';
import type { ReceiptRuleResource } from '../../template/resources.ts';
import type { World } from '../../wire.ts';
import { checkDelivery } from '../resource-policy.ts';

/** How a mail was handed over, which is not what its head says. */
export interface Envelope {
  /** Empty: the null return path of reports and absence notes. */
  readonly from: string;
  readonly to: readonly string[];
}

/** SES the other way round: mail that comes in. */
export interface Receipt {
  /**
   * Takes a mail as SES does by the template's receipt rule: into the bucket, its own lines on top.
   * @returns the file's key
   * @throws EngagementError `not-found` where no rule takes mail for any recipient: SES would send it back
   */
  receive(raw: Buffer, envelope: Envelope): Promise<string>;
}

/** What SES tells scanners by, in its own test mails (SES developer guide, "testing email receiving"). */
const GTUBE = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X';
const EICAR = 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE';

const takes = ({ enabled, recipients }: ReceiptRuleResource, address: string): boolean => {
  const [, domain = ''] = address.toLowerCase().split(/@(?=[^@]*$)/);
  return (
    enabled &&
    (recipients.length === 0 ||
      recipients.some((one) => (one.startsWith('.') ? domain.endsWith(one) : one === domain || one === address)))
  );
};

/** @param store keeps a file in a bucket
 *  @throws EngagementError `misconfigured` for a rule that could never put a mail anywhere, or for a domain of others */
export const createReceipt = (
  world: World,
  store: (bucketName: string, key: string, bytes: Buffer) => Promise<void>,
): Receipt => {
  const { receiptRules, buckets, emailIdentities } = world.resources;
  for (const { name, arn, bucketName, prefix, recipients } of receiptRules) {
    const bucket = buckets.find((one) => one.name === bucketName);
    if (!bucket)
      throw new EngagementError('misconfigured', `receipt rule ${name} writes to a bucket that is not there`);
    if (bucket.objectLock?.mode !== undefined)
      throw new EngagementError('misconfigured', `receipt rule ${name}: SES writes to no bucket that locks its files`);
    checkDelivery(world, 'ses.amazonaws.com', arn, `${bucket.arn}/${prefix}AMAZON_SES_SETUP_NOTIFICATION`);
    const foreign = recipients.find(
      (one) =>
        !emailIdentities.some(({ name: own }) => one === own || one.endsWith(`.${own}`) || one.endsWith(`@${own}`)),
    );
    if (foreign !== undefined)
      throw new EngagementError(
        'misconfigured',
        `receipt rule ${name} takes mail for ${foreign}, which is not verified`,
      );
  }

  return {
    async receive(raw, { from, to }) {
      const rule = receiptRules.find((one) => to.some((address) => takes(one, address)));
      if (!rule)
        throw new EngagementError('not-found', `no receipt rule takes mail for ${to.length} recipients: 550 5.1.1`);
      const id = randomUUID().replaceAll('-', '');
      const verdict = (mark: string): string => (raw.includes(mark) ? 'FAIL' : 'PASS');
      const recipient = to.find((address) => takes(rule, address)) ?? '';
      const lines = [
        `Return-Path: <${from}>`,
        `Received: from mailbox.local (mailbox.local [127.0.0.1])`,
        ` by inbound-smtp.${world.resources.region}.amazonaws.com with SMTP id ${id}`,
        ` for ${recipient};`,
        ` ${new Date(world.clock.now()).toUTCString().replace('GMT', '+0000 (UTC)')}`,
        ...(rule.scans ? [`X-SES-Spam-Verdict: ${verdict(GTUBE)}`, `X-SES-Virus-Verdict: ${verdict(EICAR)}`] : []),
        'Authentication-Results: amazonses.com; spf=pass; dkim=pass; dmarc=pass',
      ];
      const key = `${rule.prefix}${id}`;
      await store(rule.bucketName, key, Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n`), raw]));
      return key;
    },
  };
};
