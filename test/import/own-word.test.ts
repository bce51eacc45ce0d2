import { expect, it } from 'vitest';
import { linkRecords } from '../../shared/customer/link-records.ts';
import { sayOwnWord } from '../../shared/customer/own-word.ts';
import type { PersonData } from '../../shared/customer/record.ts';
import { search } from '../../shared/customer/search.ts';
import type { PartyId } from '../../shared/platform/ids.ts';
import { DAY, type Instant } from '../../shared/platform/time.ts';
import { createImportRig, NOW } from './support/rig.ts';

const later = (days: number): Instant => (NOW + days * DAY) as Instant;

/** A customer whom two departments know, the first with the highest authority that a mapping can have. */
const start = async () => {
  const rig = await createImportRig();
  const imported = async (source: string, data: PersonData, asOf: Instant, authority = 100) => {
    const record = {
      source,
      key: 'K1',
      scope: 'head-office',
      asOf,
      knownFrom: 0 as Instant,
      authority,
      data,
      consents: [],
      sameAs: source === 'crm' ? [] : [{ source: 'crm', key: 'K1' }],
    };
    const one = { record, isHolder: false, isPartial: false, isPlaceholder: false };
    await linkRecords(rig.link, [one], { now: asOf, origin: `import/${source}-${asOf}` });
    const found = await rig.link.sources.getMany([{ source: 'crm', kind: 'person', key: 'K1' }]);
    return [...found.values()][0]?.partyId as PartyId;
  };
  const data: PersonData = { name: { full: 'Ann Lee' }, email: 'ann@old.example', locale: 'en' };
  const party = await imported('crm', data, NOW);
  return { rig, imported, data, party, profile: async () => (await rig.link.profiles.get(party)) as never };
};

it('M6: language and address that a customer gave stand against every later import; the rest follows the files', async () => {
  const { rig, imported, data, party, profile } = await start();
  expect(await sayOwnWord(rig.link, party, { locale: 'zh-CN' }, later(1))).toBe('changed');
  expect(await sayOwnWord(rig.link, party, { email: 'ann@new.example' }, later(1))).toBe('changed');
  expect(await sayOwnWord(rig.link, party, { email: 'ann@new.example' }, later(1))).toBe('same');
  await imported('crm', { ...data, name: { full: 'Ann Lee-Wu' }, phone: '138 1234 5678' }, later(2));
  await imported('claims', { ...data, email: 'ann@claims.example', locale: 'de' }, later(3), 40);
  expect(await profile()).toMatchObject({
    email: 'ann@new.example',
    locale: 'zh-CN',
    name: { full: 'Ann Lee-Wu' },
    phone: '138 1234 5678',
  });
  expect(await rig.link.addresses.partiesAt('ann@old.example')).toEqual([]);
  expect(await rig.link.addresses.partiesAt('ann@claims.example')).toEqual([]);
  expect(await rig.link.addresses.partiesAt('ann@new.example')).toEqual([party]);
});

it('a later word of the customer replaces the earlier; an import at the same moment loses neither', async () => {
  const { rig, imported, data, party, profile } = await start();
  await sayOwnWord(rig.link, party, { locale: 'zh-CN' }, later(1));
  await Promise.all([
    sayOwnWord(rig.link, party, { locale: 'fr' }, later(2)),
    sayOwnWord(rig.link, party, { email: 'ann@new.example' }, later(2)),
    imported('crm', { ...data, phone: '13812345678' }, later(2)),
  ]);
  expect(await profile()).toMatchObject({ locale: 'fr', email: 'ann@new.example', phone: '13812345678' });
});

it('is no number of a source that anybody could search for, and says nothing of persons nobody knows', async () => {
  const { rig, party } = await start();
  await sayOwnWord(rig.link, party, { locale: 'zh-CN' }, later(1));
  expect(await search(rig.link.table as never, { text: 'locale', limit: 5 })).toEqual([]);
  expect(await sayOwnWord(rig.link, 'nobody' as PartyId, { locale: 'en' }, NOW)).toBe('unknown');
});
