import { expect, test } from 'vitest';
import { createMemoryBus } from '../../shared/platform/bus.ts';
import { createStaffEvents, type StaffEvent } from '../../shared/platform/staff-events.ts';
import { type CivilDate, type Instant, MINUTE, parseInstant } from '../../shared/platform/time.ts';

const at = parseInstant('2027-03-01T09:00:00Z') as Instant;
const later = (at + MINUTE) as Instant;

test('O6: an event on the bus, with what it is about and when, and nothing else', async () => {
  const bus = createMemoryBus();
  await createStaffEvents(bus).tell({
    type: 'CampaignStopped',
    at,
    campaign: 'birthday',
    details: { because: 'complaint-rate', rate: 0.004 },
  });
  expect(bus.events).toEqual([
    {
      source: 'perennial.staff',
      detailType: 'CampaignStopped',
      at,
      detail: {
        schemaVersion: 1,
        eventId: expect.stringMatching(/^[a-z2-7]{26}$/),
        occurredAt: '2027-03-01T09:00:00.000Z',
        campaign: 'birthday',
        because: 'complaint-rate',
        rate: 0.004,
      },
    },
  ]);
});

const overdue = (taskId: string, told: Instant): StaffEvent => ({
  type: 'TaskOverdue',
  at: told,
  details: { taskId, kind: 'call', scope: 'house', dueOn: '2027-02-28' as CivilDate },
});

test.each<[string, StaffEvent, StaffEvent, boolean]>([
  ['the same task told again', overdue('t1', at), overdue('t1', later), true],
  ['another task', overdue('t1', at), overdue('t2', at), false],
  [
    'the same import told again',
    { type: 'ImportFailed', at, details: { importId: 'i', problems: 1 } },
    { type: 'ImportFailed', at: later, details: { importId: 'i', problems: 1 } },
    true,
  ],
  [
    'the campaign stopped a second time',
    { type: 'CampaignStopped', at, campaign: 'c', details: { because: 'error-streak', rate: 1 } },
    { type: 'CampaignStopped', at: later, campaign: 'c', details: { because: 'error-streak', rate: 1 } },
    false,
  ],
  [
    'another run',
    { type: 'RunSkipped', at, campaign: 'c', details: { occurrence: '2027-03-01' } },
    { type: 'RunSkipped', at, campaign: 'c', details: { occurrence: '2027-03-02' } },
    false,
  ],
])('the event id says whether it is the same: %s', async (_, first, second, same) => {
  const bus = createMemoryBus();
  await createStaffEvents(bus).tell(first, second);
  const [one, two] = bus.events.map(({ detail }) => detail.eventId);
  expect(one === two).toBe(same);
});
