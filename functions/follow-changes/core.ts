import * as z from 'zod';
import { type PersonPorts, refreshPerson } from '../../shared/customer/update-person.ts';
import { journeyMessageSchema } from '../../shared/journey/contract.ts';
import { type FollowJourneyPorts, followJourney } from '../../shared/journey/follow-journey.ts';
import { type FollowPartyPorts, followParty } from '../../shared/journey/follow-party.ts';
import { followPolicies } from '../../shared/journey/follow-policies.ts';
import type { EventLog } from '../../shared/platform/logging.ts';
import { queueHandler } from '../../shared/platform/queue-handler.ts';
import type { Instant } from '../../shared/platform/time.ts';
import { changeMessageSchema } from '../../shared/policy/contract.ts';

/** Everything that travels on the changes queue; a kind that this build does not know goes to the DLQ (F39). */
const changeSchema = z.discriminatedUnion('kind', [...changeMessageSchema.options, ...journeyMessageSchema.options]);
export type Change = z.output<typeof changeSchema>;

export type FollowChangesPorts = FollowPartyPorts & FollowJourneyPorts & PersonPorts;

/** The consumer of the changes queue. */
export const createHandler = ({
  ports,
  log,
  clock,
}: {
  readonly ports: FollowChangesPorts;
  readonly log: EventLog;
  readonly clock: () => Instant;
}) =>
  queueHandler({
    schema: changeSchema,
    log,
    concurrency: 4,
    handle: async (change) => {
      const now = clock();
      switch (change.kind) {
        case 'policies':
          return log.info('policies.followed', await followPolicies(change.policyIds, ports, now));
        case 'party':
          // a record of the person that waited is known from now on
          if (change.because === 'recheck') await refreshPerson(ports, change.partyId, now);
          return log.info('policies.followed', await followParty(change.partyId, ports, now));
        default:
          return log.info('journeys.followed', { kind: change.kind, ...(await followJourney(change, ports, now)) });
      }
    },
  });
