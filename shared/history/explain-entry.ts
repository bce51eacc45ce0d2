import type { SavedAudiences } from '../audience/audience-store.ts';
import { compileRule } from '../audience/compile-rule.ts';
import { explainRule } from '../audience/explain-rule.ts';
import { audienceRuleOf } from '../campaign/audience-of.ts';
import type { Campaigns } from '../campaign/campaign-store.ts';
import type { Definitions } from '../campaign/definition-store.ts';
import { readSubjects, type SubjectPorts } from '../journey/read-subject.ts';
import type { PartyId } from '../platform/ids.ts';
import type { Instant } from '../platform/time.ts';
import type { EntryVerdict } from './why.ts';

/** What explaining an audience needs from outside. */
export interface EntryPorts {
  readonly campaigns: Pick<Campaigns, 'get'>;
  readonly definitions: Pick<Definitions, 'get'>;
  readonly saved: Pick<SavedAudiences, 'get'>;
  readonly subjects: SubjectPorts;
  readonly now: () => Instant;
}

/** Asks a campaign's audience about one customer: the definition that new journeys begin with, else the latest draft.
 *  @returns undefined where there is no such campaign */
export const createEntryExplainer =
  ({ campaigns, definitions, saved, subjects, now }: EntryPorts) =>
  async (partyId: PartyId, campaign: string): Promise<EntryVerdict | undefined> => {
    const record = await campaigns.get(campaign);
    if (record === undefined) return undefined;
    const { definition } = await definitions.get(campaign, record.live ?? record.draft);
    const named = definition.audience.saved;
    const rule = audienceRuleOf(definition, named === undefined ? undefined : (await saved.get(named))?.rule);
    const compiled = compileRule(rule);
    const wanted = { partyId, sendClass: definition.class, parts: compiled.parts };
    const [subject] = await readSubjects([wanted], subjects, now());
    if (subject === undefined) return undefined;
    return { member: compiled.test(subject) === true, deciding: explainRule(rule, subject) };
  };
