import { describe, expect, test } from 'vitest';
import type { RuleGroup } from '../../shared/audience/rule.ts';
import type { CivilDate } from '../../shared/platform/time.ts';
import { createLaunchWorld, idOf } from './launch-world.ts';
import { broadcast } from './run-world.ts';

const rule = (...rules: RuleGroup['rules']): RuleGroup => ({ combinator: 'and', rules });

describe('the members of a campaign', () => {
  test('are those for whom its rule, its saved audience and its lists hold', async () => {
    const world = await createLaunchWorld(
      [{ id: 'ana' }, { id: 'bo', profile: { locale: 'zh-CN' } }, { id: 'cy' }, { id: 'di' }],
      { english: rule({ field: 'customer.locale', operator: '=', value: 'en' }) },
    );
    const list = (id: string) => ({
      id,
      title: { en: id, 'zh-CN': id },
      owner: 'u',
      expiresOn: '2028-01-01' as CivilDate,
      updatedAt: 0 as never,
      version: 1,
    });
    await world.lists.put(list('spring'), 0);
    await world.lists.put(list('never'), 0);
    await world.lists.add('spring', [idOf('ana'), idOf('bo'), idOf('cy')], 0 as never);
    await world.lists.add('never', [idOf('cy')], 0 as never);
    const audience = { saved: 'english', include: ['spring'], exclude: ['never'] };
    expect(await world.membersOf(broadcast({ audience }))).toEqual([idOf('ana')]);
  });

  test('are nobody where the saved audience is gone, rather than everybody', async () => {
    const world = await createLaunchWorld([{ id: 'ana' }]);
    expect(await world.membersOf(broadcast({ audience: { saved: 'gone' } }))).toEqual([]);
    expect(await world.membersOf(broadcast())).toEqual([idOf('ana')]);
  });

  test('are policies where the campaign is about policies, of its lines and contact rules', async () => {
    const world = await createLaunchWorld([
      {
        id: 'ana',
        policies: [
          { policyId: 'car' },
          { policyId: 'house', line: 'home' },
          { policyId: 'van', contactRule: 'intermediary' },
        ],
      },
      { id: 'bo', policies: [{ policyId: 'bike', renewsOn: '2028-03-01' as CivilDate }] },
    ]);
    const definition = broadcast({
      subject: 'policy',
      audience: {
        lines: ['motor'],
        contactRules: ['direct'],
        rule: rule({ field: 'policy.renewsOn', operator: '<', value: '2028-01-01' }),
      },
    });
    expect(await world.membersOf(definition)).toEqual(['car']);
  });

  test('the engagement history is read only of those for whom it decides', async () => {
    const world = await createLaunchWorld([{ id: 'ana' }, { id: 'bo', profile: { locale: 'zh-CN' } }, { id: 'cy' }]);
    world.setHistory((partyId) =>
      partyId === idOf('cy')
        ? [{ kind: 'message', on: '2027-01-10' as CivilDate, campaign: 'autumn', what: 'delivered', channel: 'email' }]
        : [],
    );
    const heard: RuleGroup = rule(
      { field: 'customer.locale', operator: '=', value: 'en' },
      {
        field: 'messages',
        operator: '=',
        match: { mode: 'some' },
        value: rule({ field: 'campaign', operator: '=', value: 'autumn' }),
      },
    );
    expect(await world.membersOf(broadcast({ audience: { rule: heard } }))).toEqual([idOf('cy')]);
    expect([...world.deepened].sort()).toEqual([idOf('ana'), idOf('cy')]);
  });

  test('a look goes to whoever has the date, whatever the rule says today', async () => {
    const world = await createLaunchWorld([
      {
        id: 'ana',
        policies: [{ policyId: 'car' }, { policyId: 'old', ending: 'lapsed', endsOn: '2027-01-01' as CivilDate }],
      },
      { id: 'bo' },
    ]);
    const definition = broadcast({
      subject: 'policy',
      trigger: { date: 'policy.renewsOn' },
      audience: { rule: rule({ field: 'customer.locale', operator: '=', value: 'fr' }) },
    });
    expect(await world.membersOf(definition, 'look')).toEqual(['car']);
  });
});
