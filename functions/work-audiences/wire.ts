import { createAudienceRows } from '../../shared/audience/audience-rows.ts';
import { createSavedAudiences } from '../../shared/audience/audience-store.ts';
import { createLists } from '../../shared/audience/list-store.ts';
import { passEveryNight, passShard } from '../../shared/audience/pass-audiences.ts';
import { createMemberships } from '../../shared/audience/row-subjects.ts';
import { createWatches } from '../../shared/audience/watch-store.ts';
import { createCampaigns } from '../../shared/campaign/campaign-store.ts';
import { createControls } from '../../shared/campaign/control.ts';
import { createDefinitions } from '../../shared/campaign/definition-store.ts';
import { createLiveCampaigns } from '../../shared/campaign/live-campaigns.ts';
import { programmes } from '../../shared/campaign/programmes.ts';
import { createMailRenderer } from '../../shared/content/render-mail.ts';
import { createShippedTemplates } from '../../shared/content/shipped-templates.ts';
import { createStoredTemplates } from '../../shared/content/template-store.ts';
import { createTemplates } from '../../shared/content/templates.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { createTraits } from '../../shared/customer/traits-store.ts';
import { SCOPES } from '../../shared/history/organisation.ts';
import type { JourneyMessage } from '../../shared/journey/contract.ts';
import { createDueWork } from '../../shared/journey/due-work.ts';
import { readSubjects, type WantedSubject } from '../../shared/journey/read-subject.ts';
import { createShelf, createShelving } from '../../shared/journey/shelf.ts';
import { createArbitrate } from '../../shared/launch/arbitrate.ts';
import type { AudiencesMessage } from '../../shared/launch/contract.ts';
import { createLacking } from '../../shared/launch/lacking-data.ts';
import { createMembers } from '../../shared/launch/members.ts';
import { createPace } from '../../shared/launch/pace-store.ts';
import { createPreFlights } from '../../shared/launch/pre-flight-store.ts';
import { createRuns } from '../../shared/launch/run-store.ts';
import { watchAudiences } from '../../shared/launch/watch-audiences.ts';
import { createConclusions } from '../../shared/message/conclude-order.ts';
import { createContactSettings } from '../../shared/message/contact-settings-store.ts';
import { createConcludeLost, createDecidePerson } from '../../shared/message/decide-person.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { cachedLimits, type SendLimits } from '../../shared/message/quota.ts';
import { createTimeline } from '../../shared/message/timeline-store.ts';
import { createFiles } from '../../shared/platform/files.ts';
import { keepFor } from '../../shared/platform/keep-for.ts';
import type { Parts } from '../../shared/platform/parts.ts';
import { createStaffEvents } from '../../shared/platform/staff-events.ts';
import { civilDateAt, type Instant, MINUTE, type ZoneId } from '../../shared/platform/time.ts';
import type { ChangeMessage } from '../../shared/policy/contract.ts';
import { createPolicyFacts } from '../../shared/policy/facts-store.ts';
import { createHoldings } from '../../shared/policy/holding-store.ts';
import { createPolicies } from '../../shared/policy/policy-store.ts';
import { createTasks } from '../../shared/task/task-store.ts';
import { tellOverdueTasks } from '../../shared/task/tell-overdue-tasks.ts';
import { toManagers } from '../../shared/task/to-managers.ts';
import { createHandler, ordersTo, timeLimit } from './core.ts';

/** `work-audiences`, of whatever adapters it is given. */
export const wire = ({
  table,
  queue,
  bus,
  setting,
  clock,
  log,
  limits,
}: Pick<Parts, 'table' | 'queue' | 'bus' | 'setting' | 'clock' | 'log'> & {
  readonly limits: () => Promise<SendLimits>;
}) => {
  const rows = createAudienceRows(table);
  const lists = createLists(table, rows);
  const saved = createSavedAudiences(table);
  const watches = createWatches(table);
  const profiles = createProfiles(table);
  const gates = createGates(table);
  const policies = createPolicies(table);
  const timeline = createTimeline(table);
  const dueWork = createDueWork(table);
  const shelf = createShelf(table);
  const runs = createRuns(table);
  const tasks = toManagers(createTasks(table), profiles);
  const campaigns = createCampaigns(table, programmes);
  const definitions = createDefinitions(table, programmes);
  const liveCampaigns = createLiveCampaigns(campaigns, definitions);
  const controls = createControls(table, programmes, clock);
  const staff = createStaffEvents(bus);
  const cached = cachedLimits(limits);
  const contactRules = createContactSettings(table);
  const settings = keepFor(MINUTE, clock, async () => (await contactRules.inForce()).settings);

  const changes = queue<JourneyMessage | ChangeMessage>('CHANGES_QUEUE_URL');
  const audiences = queue<AudiencesMessage>('AUDIENCES_QUEUE_URL');
  const orders = ordersTo({
    statutory: queue<SendOrder>('SEND_STATUTORY_QUEUE_URL'),
    service: queue<SendOrder>('SEND_SERVICE_QUEUE_URL'),
    marketing: queue<SendOrder>('SEND_MARKETING_QUEUE_URL'),
    letters: queue<SendOrder>('LETTERS_QUEUE_URL'),
    outbound: queue<SendOrder>('OUTBOUND_QUEUE_URL'),
  });

  const subjectPorts = {
    profiles,
    gates,
    traits: createTraits(table),
    policies,
    holdings: createHoldings(table),
    facts: createPolicyFacts(table),
    timeline,
    lists: createMemberships(rows, lists, clock),
  };
  const deepen = (wanted: readonly WantedSubject[], now: Instant) => readSubjects(wanted, subjectPorts, now);
  const members = createMembers({ rows, lists, saved, deepen });
  const watching = { saved, watches, passes: audiences, liveCampaigns };

  return createHandler({
    start: { campaigns, definitions, runs, dueWork, staff },
    walk: {
      runs,
      pace: createPace(table),
      limits: cached,
      controls,
      definitions,
      audience: members,
      arbitrate: createArbitrate({
        definitions,
        audience: async (run) => members(await definitions.get(run.campaign, run.definition), run.mode),
        gates,
        profiles,
        decideTogether: createDecidePerson(settings),
        concludeLost: createConcludeLost(
          createConclusions({
            timeline,
            due: dueWork,
            shelf: createShelving({ shelf, controls, dueWork, clock }),
            changes,
            clock,
          }),
          // no trace: with a client for the bucket this function would pass 1 MB (P11); a held one is decided again, and
          // kept, where it is sent
          async () => [],
        ),
      }),
      timeline,
      orders,
      changes,
      audiences,
      dueWork,
      staff,
      clock,
    },
    preFlight: {
      preFlights: createPreFlights(table),
      definitions,
      liveCampaigns,
      audience: members,
      gates,
      settings,
      limits: cached,
      lacking: createLacking({
        templates: createTemplates(
          createShippedTemplates(createFiles(new URL('../../templates/generated/shipped/', import.meta.url))),
          createStoredTemplates(table),
        ),
        renderer: createMailRenderer(),
        profiles,
        policies,
        domain: setting('SENDER_DOMAIN'),
      }),
      audiences,
      clock,
    },
    daily: {
      liveCampaigns,
      runs,
      dueWork,
      watchAudiences: (now) => watchAudiences(watching, now),
      passEveryNight: () => passEveryNight(watching),
      tellOverdue: async (now) => {
        await tellOverdueTasks({ tasks, staff }, SCOPES, civilDateAt(now, 'UTC' as ZoneId), now);
      },
    },
    resend: { runs, definitions, timeline, orders },
    shelf,
    dueWork,
    pass: (message, now) => passShard(message, { rows, lists, deepen, watches, changes }, now, timeLimit()),
    audiences,
    log,
    clock,
  });
};
