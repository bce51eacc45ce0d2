import type { Hono } from 'hono';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createTraits } from '../../shared/customer/traits-store.ts';
import { createLinks } from '../../shared/message/links.ts';
import { once } from '../../shared/platform/once.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { answeringOver } from '../../shared/survey/answering.ts';
import { createAskedAbout } from '../../shared/survey/asked-about.ts';
import { createEvidence } from '../../shared/survey/evidence-store.ts';
import { createInvitations } from '../../shared/survey/invitation-store.ts';
import { createSurveyModels } from '../../shared/survey/survey-model.ts';
import { createSurveyApp } from './app.ts';

/** `serve-surveys`, of whatever adapters it is given. */
export const wire = ({
  table,
  queue,
  bucket,
  bus,
  secret,
  setting,
  ids,
  clock,
  log,
}: Pick<Parts, 'table' | 'queue' | 'bucket' | 'bus' | 'secret' | 'setting' | 'ids' | 'clock' | 'log'>): Hono => {
  const readSecret = secret('LINK_SECRET_ARN');
  const origin = setting('PUBLIC_ORIGIN');
  const profiles = createProfiles(table);
  const traits = createTraits(table);
  const evidence = createEvidence(table);
  const answering = answeringOver({ table, bucket, queue, bus, clock });
  const { answers, surveys } = answering;
  return createSurveyApp({
    // keys are derived from the secret once, not for each page
    links: once(async () => createLinks(await readSecret(), origin)),
    profiles,
    surveys,
    models: createSurveyModels(),
    answers,
    evidence,
    askedAbout: createAskedAbout({ invitations: createInvitations(table), policies: createPolicies(table), traits }),
    answering,
    log,
    now: clock,
    newId: () => ids.next(),
  });
};
