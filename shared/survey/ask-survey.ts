import type { Profile } from '../customer/customer.ts';
import type { Traits } from '../customer/traits-store.ts';
import {
  type Asking,
  type AskingPort,
  type AskOutcome,
  askingRefusal,
  inviteOf,
  type SurveyInvite,
} from '../message/asking.ts';
import { EngagementError } from '../platform/errors.ts';
import type { Instant } from '../platform/time.ts';
import type { Policy } from '../policy/policy.ts';
import type { AnswerFacets, InvitationRow } from './answer.ts';
import type { Asked } from './asked-store.ts';
import { facetsOf } from './facets.ts';
import { invitationIdOf } from './invitation.ts';
import type { Invitations } from './invitation-store.ts';
import type { Surveys } from './survey.ts';

/** What asking needs from outside. */
export interface AskPorts {
  readonly asked: Pick<Asked, 'of' | 'noteInvited'>;
  readonly invitations: Pick<Invitations, 'statesOf' | 'invite' | 'remind' | 'unsend'>;
  readonly surveys: Pick<Surveys, 'load'>;
  /** Keeps the surveys that ship, so that an answer finds its version after the next deploy. Called often. */
  readonly keepSurveys: () => Promise<void>;
  readonly traits: Pick<Traits, 'getMany'>;
}

/** Whom somebody asks: one person about one survey, and what is known of them. */
export interface AskSubject {
  readonly invite: SurveyInvite;
  readonly channel: AnswerFacets['channel'];
  readonly profile: Profile;
  readonly policy?: Policy | undefined;
}

/** How often somebody else may ask the same person the same between our read and our write. */
const TRIES = 5;

const asFault = (error: unknown): EngagementError => {
  if (error instanceof EngagementError && error.code === 'not-found') return error;
  throw error;
};

/** Days within which a survey is not repeated, by name and version, of which the content never changes. */
const createRepeats = (surveys: Pick<Surveys, 'load'>) => {
  const known = new Map<string, number>();
  return async ({ survey, surveyVersion }: SurveyInvite): Promise<number> => {
    const key = `${survey}#${surveyVersion}`;
    const found = known.get(key) ?? (await surveys.load(survey, surveyVersion))?.file.repeatAfterDays;
    if (found === undefined)
      throw new EngagementError('not-found', `survey ${survey} has no version ${surveyVersion}: restore it`);
    known.set(key, found);
    return found;
  };
};

interface Known {
  readonly asking: Asking;
  /** The invitation has its row. */
  readonly sent: boolean;
}

/** Reads what is known of some invitations, strongly: two reads for all of them together. */
const createReader = ({ asked, invitations, surveys, keepSurveys }: AskPorts) => {
  const repeatOf = createRepeats(surveys);
  return async (invites: readonly SurveyInvite[]): Promise<readonly (Known | EngagementError)[]> => {
    if (invites.length === 0) return [];
    await keepSurveys();
    const [repeats, byParty] = await Promise.all([
      Promise.all(invites.map((invite) => repeatOf(invite).catch(asFault))),
      asked.of([...new Set(invites.map(({ partyId }) => partyId))]),
    ]);
    const ids = invites.map(invitationIdOf);
    const last = invites.map(({ partyId, survey }) => byParty.get(partyId)?.[survey]);
    const states = await invitations.statesOf([
      ...new Set([...ids, ...last.flatMap((one) => one?.invitationId ?? [])]),
    ]);
    return ids.map((invitationId, n): Known | EngagementError => {
      const [repeatAfterDays, before, own] = [repeats[n], last[n], states.get(invitationId)];
      if (typeof repeatAfterDays !== 'number') return repeatAfterDays as EngagementError;
      const isOther = before !== undefined && before.invitationId !== invitationId;
      const asking: Asking = {
        invitationId,
        repeatAfterDays,
        ...(before === undefined ? {} : { asked: before }),
        ...(isOther && !states.get(before.invitationId)?.sent ? { unsent: true } : {}),
        ...(own?.answeredAt === undefined ? {} : { answeredAt: own.answeredAt }),
      };
      return { asking, sent: own?.sent ?? false };
    });
  };
};

/** The row of an invitation with its breakdown, as things stand. */
const createRowOf =
  ({ traits }: Pick<AskPorts, 'traits'>) =>
  async (
    { invite, channel, profile, policy }: AskSubject,
    invitationId: string,
    now: Instant,
  ): Promise<InvitationRow> => {
    const { survey, surveyVersion, partyId, policyId, campaign, occurrence, step } = invite;
    const known = await traits.getMany([partyId]);
    return {
      invitationId,
      survey,
      version: surveyVersion,
      partyId,
      ...(policyId === undefined ? {} : { policyId }),
      campaign,
      occurrence,
      step,
      invitedAt: now,
      facets: facetsOf(profile, policy, known.get(partyId), channel),
    };
  };

/**
 * Asks one person one survey, now: decides on what is stored, notes in one conditional write that this invitation is the
 * one that asks, and writes the invitation's row, in this order. Cut off anywhere, the next attempt of the same invitation
 * finds its own note and goes on; another invitation finds a note without a row, which stands for nothing after an hour.
 */
export const createAsk = (ports: AskPorts) => {
  const { asked, invitations } = ports;
  const read = createReader(ports);
  const rowOf = createRowOf(ports);
  return async (subject: AskSubject, now: Instant): Promise<AskOutcome> => {
    const { survey, partyId } = subject.invite;
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const [known] = await read([subject.invite]);
      if (known === undefined || known instanceof EngagementError) throw known;
      const { asking, sent } = known;
      if (askingRefusal(asking, now) !== undefined) return { kind: 'refused', asking };
      const { invitationId } = asking;
      const note = { invitationId, invitedAt: now };
      if (asking.asked?.invitationId !== invitationId)
        if ((await asked.noteInvited(partyId, survey, note, asking.asked)) === 'changed') continue;
      const written = sent
        ? await invitations.remind(invitationId)
        : await invitations.invite(await rowOf(subject, invitationId, now));
      // another message of the same invitation came, or was taken back, in between
      if (written.kind === 'refused') continue;
      return { kind: 'asked', unsend: () => invitations.unsend(invitationId) };
    }
    throw new EngagementError('conflict', `party ${partyId} is being asked ${survey} by others: try again`, {
      retryable: true,
    });
  };
};

/** Asking by messages. */
export const createAsking = (ports: AskPorts): AskingPort => {
  const read = createReader(ports);
  const ask = createAsk(ports);
  return {
    async read(orders) {
      const invites = orders.map(inviteOf);
      const wanted = invites.flatMap((invite) => invite ?? []);
      const found = [...(await read(wanted))];
      return invites.map((invite) => {
        const known = invite && found.shift();
        return known === undefined || known instanceof EngagementError ? known : known.asking;
      });
    },

    async ask({ order, profile, policies }, now) {
      const invite = inviteOf(order);
      if (invite === undefined) return { kind: 'asked', unsend: async () => {} };
      const channel = order.channel === 'post' ? 'post' : 'email';
      return ask({ invite, channel, profile, policy: policies[0] }, now);
    },
  };
};
