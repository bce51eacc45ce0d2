import { createAddressBook } from '../../shared/customer/address-book.ts';
import { createConsentLedger } from '../../shared/customer/consent-ledger.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { SCOPES } from '../../shared/history/organisation.ts';
import { createReceivedMails } from '../../shared/inbound/inbound-store.ts';
import { type ReceiveMailPorts, receiveMail } from '../../shared/inbound/receive-mail.ts';
import { createReplyAddresses } from '../../shared/inbound/reply-address.ts';
import { HOUSE_ZONE } from '../../shared/insight/period.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createEnrolments } from '../../shared/journey/enrolment-store.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { objectCreatedSchema } from '../../shared/platform/object-created.ts';
import { once } from '../../shared/platform/once.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { isMail } from './core.ts';

/** `receive-mail`, of whatever adapters it is given. */
export const wire = ({
  table,
  bucket,
  bus,
  queue,
  secret,
  clock,
  log,
}: Pick<Parts, 'table' | 'bucket' | 'bus' | 'queue' | 'secret' | 'clock' | 'log'>) => {
  const readSecret = secret('LINK_SECRET_ARN');
  const stores = {
    timeline: createTimeline(table),
    gates: createGates(table),
    ledger: createConsentLedger(table),
    addressBook: createAddressBook(table),
    profiles: createProfiles(table),
    enrolments: createEnrolments(table),
    tasks: createTasks(table),
    changes: queue<ChangeMessage | JourneyMessage>('CHANGES_QUEUE_URL'),
    bus,
    mails: bucket('INBOUND_BUCKET'),
    received: createReceivedMails(table),
    scope: SCOPES[0] ?? '',
    zone: HOUSE_ZONE,
  };
  const ports = once(
    async (): Promise<ReceiveMailPorts> => ({
      ...stores,
      addresses: createReplyAddresses(await readSecret()),
    }),
  );

  return queueHandler({
    schema: objectCreatedSchema,
    log,
    handle: async ({ Records }) => {
      for (const { eventTime, s3 } of Records) {
        if (!isMail(s3.object.key)) continue;
        const { kind, why } = await receiveMail(await ports(), s3.object.key, eventTime ?? clock());
        log.info('mail.received', { outcome: kind, why });
      }
    },
  });
};
