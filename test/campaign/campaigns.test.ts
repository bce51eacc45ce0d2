import { beforeEach, describe, expect, test } from 'vitest';
import type { CampaignRecord } from '../../shared/campaign/campaign.ts';
import { type Campaigns, createCampaigns } from '../../shared/campaign/campaign-store.ts';
import { type Controls, createControls } from '../../shared/campaign/control.ts';
import { pinDefinition } from '../../shared/campaign/definition.ts';
import { createDefinitions, type Definitions } from '../../shared/campaign/definition-store.ts';
import { createLiveCampaigns } from '../../shared/campaign/live-campaigns.ts';
import { type Programme, programmes } from '../../shared/campaign/programmes.ts';
import type { Table } from '../../shared/platform/table.ts';
import { type Instant, MINUTE, parseInstant } from '../../shared/platform/time.ts';
import { tableEngines } from '../support/tables.ts';

const renewal = programmes.find(({ definition }) => definition.id === 'renewal') as Programme;
const START = parseInstant('2027-03-01T09:00:00Z') as Instant;
const later = (minutes: number) => (START + minutes * MINUTE) as Instant;

/** A shipped draft beside the programmes that are live by default. */
const birthday: Programme = {
  ...pinDefinition(
    { ...renewal.definition, id: 'birthday', class: 'marketing', priority: 20 },
    { templates: {}, surveys: {} },
  ),
  live: false,
};
const LIVE = ['renewal', 'win-back', 'renewal-survey'];
/** What a build ships: three that are live, one draft. */
const shipped = [...programmes.filter(({ definition }) => LIVE.includes(definition.id)), birthday];

for (const engine of tableEngines) {
  describe(`campaigns on ${engine.name}`, () => {
    let table: Table;
    let campaigns: Campaigns;
    let definitions: Definitions;
    let controls: Controls;
    let now: Instant;
    beforeEach(async () => {
      table = await engine.make();
      campaigns = createCampaigns(table, shipped);
      definitions = createDefinitions(table, shipped);
      controls = createControls(table, shipped, () => now);
      now = START;
    });
    const change = async (id: string, to: Partial<CampaignRecord>): Promise<void> => {
      const record = (await campaigns.get(id)) as CampaignRecord;
      expect(await campaigns.put({ ...record, ...to, version: record.version + 1 }, record.version)).toBe('written');
    };

    test('a shipped programme answers as its default until somebody changes it', async () => {
      expect((await campaigns.all()).map(({ id, state }) => [id, state])).toEqual([
        ['birthday', 'draft'],
        ['renewal', 'live'],
        ['renewal-survey', 'live'],
        ['win-back', 'live'],
      ]);
      expect(await campaigns.get('birthday')).toMatchObject({ sendClass: 'marketing', priority: 20, version: 0 });
      expect(await campaigns.get('nothing')).toBeUndefined();
      await change('renewal', { state: 'paused' });
      expect((await campaigns.get('renewal'))?.state).toBe('paused');
      expect((await campaigns.all()).map(({ id }) => id)).toHaveLength(4);
    });

    test('F32: of two who saw the same version one writes', async () => {
      const record = (await campaigns.get('renewal')) as CampaignRecord;
      const put = () => campaigns.put({ ...record, version: 1 }, 0);
      expect((await Promise.all([put(), put()])).sort()).toEqual(['refused', 'written']);
      expect(await campaigns.put({ ...record, version: 2 }, 0)).toBe('refused');
      expect(await campaigns.put({ ...record, version: 2 }, 1)).toBe('written');
    });

    test('customers enter what is live or paused, by its live version', async () => {
      const { entering } = createLiveCampaigns(campaigns, definitions);
      expect((await entering()).map(({ definition }) => definition.id)).toEqual([
        'renewal',
        'renewal-survey',
        'win-back',
      ]);
      const changed = pinDefinition({ ...renewal.definition, useBy: 'P9D' as never }, renewal);
      await definitions.keep(changed);
      await change('renewal', { live: changed.hash, draft: 'later' });
      await change('win-back', { state: 'ended' });
      await change('renewal-survey', { state: 'paused' });
      expect(await entering()).toEqual([
        changed,
        expect.objectContaining({ hash: (await campaigns.get('renewal-survey'))?.live }),
      ]);
    });

    test('F34: an enrolment finds the version and the templates it began with', async () => {
      await definitions.keep({ ...renewal });
      const changed = pinDefinition(renewal.definition, {
        ...renewal,
        templates: { ...renewal.templates, 'renewal-m60': 'another' },
      });
      expect(changed.hash).not.toBe(renewal.hash);
      // another release, which ships another file
      const release = createDefinitions(table, [changed]);
      expect(await release.get('renewal', renewal.hash)).toEqual({
        hash: renewal.hash,
        definition: renewal.definition,
        templates: renewal.templates,
        surveys: renewal.surveys,
      });
      expect(renewal.templates['renewal-m60']).toMatch(/^\w{20,}$/);
      expect((await release.get('renewal', changed.hash)).templates['renewal-m60']).toBe('another');
      await expect(release.get('renewal', 'nobody')).rejects.toMatchObject({ code: 'not-found' });
      await expect(release.get('win-back', renewal.hash)).rejects.toMatchObject({ code: 'not-found' });
    });

    test('a definition of a format to come is a fault that names it', async () => {
      const item = { pk: 'D#renewal', sk: 'V#h', entity: 'Definition', schemaVersion: 1, templates: {} };
      await table.put({ ...item, definition: { ...renewal.definition, formatVersion: 2 } });
      await expect(createDefinitions(table, shipped).get('renewal', 'h')).rejects.toMatchObject({
        code: 'unknown-version',
        message: expect.stringContaining('definition h of campaign renewal'),
      });
    });

    test('controls follow the record', async () => {
      const of = async (id: string) => (await controls.of([id])).get(id);
      expect(await of('renewal')).toEqual({ kind: 'go' });
      expect(await of('birthday')).toEqual({ kind: 'cancelled' });
      expect(await of('of-an-older-release')).toEqual({ kind: 'go' });
      await change('renewal', { state: 'paused' });
      expect(await of('renewal')).toEqual({ kind: 'hold', reason: 'paused' });
      await change('renewal', { state: 'live', notBefore: later(10) });
      expect(await of('renewal')).toEqual({ kind: 'hold', reason: 'not-yet', until: later(10) });
      now = later(10);
      expect(await of('renewal')).toEqual({ kind: 'go' });
      await change('renewal', { state: 'ended' });
      expect(await of('renewal')).toEqual({ kind: 'go' });
      await change('renewal', { cancelled: { by: 'u', at: now } });
      expect(await of('renewal')).toEqual({ kind: 'cancelled' });
    });

    test('C32, G6: a stop holds everything below its scope until it is released', async () => {
      const kinds = async (scope?: string) =>
        [...(await controls.of(['renewal', 'win-back', 'birthday'], scope)).values()].map((control) =>
          control.kind === 'hold' ? control.reason : control.kind,
        );
      const [goes, held] = [
        ['go', 'go', 'cancelled'],
        ['stopped', 'stopped', 'cancelled'],
      ];
      await controls.stop('house/east', 'anna', START);
      expect(await kinds()).toEqual(goes);
      expect(await kinds('house')).toEqual(goes);
      expect(await kinds('house/eastern')).toEqual(goes);
      expect(await kinds('house/east')).toEqual(held);
      expect(await kinds('house/east/one')).toEqual(held);
      await controls.stop('', 'ben', later(1));
      expect(await kinds()).toEqual(held);
      expect(await kinds('house/west')).toEqual(held);
      expect(await controls.stops()).toEqual([
        { scope: '', by: 'ben', at: later(1) },
        { scope: 'house/east', by: 'anna', at: START },
      ]);
      await controls.release('', 'anna', later(2));
      expect(await kinds('house/west')).toEqual(goes);
      expect(await kinds('house/east')).toEqual(held);
      await controls.release('house/east', 'anna', later(2));
      expect(await kinds('house/east')).toEqual(goes);
      expect(await controls.stops()).toEqual([]);
    });
  });
}
