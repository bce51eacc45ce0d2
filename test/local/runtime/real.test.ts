import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalSystem, startSystem } from '../../support/local-system.ts';

const PATIENCE = 240_000;

/** The app itself on the local runtime, with a few customers of the sample book. */
describe('the real app on the local runtime', () => {
  let system: LocalSystem;

  beforeAll(async () => {
    system = await startSystem({ book: { sample: 40 }, now: '2019-01-01' });
  }, PATIENCE);
  afterAll(async () => {
    await system.stop();
  });

  const nothingDead = async (): Promise<void> => {
    const { deadLetters } = await system.status();
    expect(Object.entries(deadLetters).filter(([, count]) => count > 0)).toEqual([]);
  };

  test(
    'the book is read, and nothing runs before the clock moves',
    async () => {
      const status = await system.idle();
      expect(status).toMatchObject({ ready: true, idle: true, now: '2019-01-01T00:00:00.000Z' });
      expect(await system.mailbox()).toEqual([]);
      await nothingDead();
    },
    PATIENCE,
  );

  test(
    'schedule → tick → due work → mail, with the policy numbers of the source',
    async () => {
      const move = await system.clock({ by: 'P20D' });
      const mails = await system.mailbox();
      const letters = await system.printTray();
      expect(mails.length).toBeGreaterThan(0);
      expect(move).toMatchObject({ now: '2019-01-21T00:00:00.000Z', sent: mails.length + letters.length });
      for (const mail of mails) {
        expect(mail.policyIds.length).toBeGreaterThan(0);
        for (const policy of mail.policyIds) expect(policy).toMatch(/^[A-Z]\d{4,}$/);
        expect(['renewal', 'win-back', 'renewal-survey']).toContain(mail.campaign);
      }
      const [first] = mails;
      if (!first) throw new Error('no mail');
      expect(await system.eml(first.id)).toContain('MIME-Version: 1.0');
      expect(await system.mailbox({ policy: first.policyIds[0] ?? '' })).toContainEqual(first);
      await nothingDead();
    },
    PATIENCE,
  );

  test(
    'S05 the API wants a token of the pool, and takes the one of /local/sign-in',
    async () => {
      const without = await system.fetch('/api/tasks');
      expect([without.status, await without.json()]).toEqual([401, { message: 'Unauthorized' }]);
      const token = await system.signIn('marketing');
      const answered = await system.fetch('/api/tasks', { headers: { authorization: `Bearer ${token}` } });
      expect(answered.status).toBe(200);
    },
    PATIENCE,
  );

  test(
    'kill -9 in the middle of a move, and a restart goes on: nothing lost, nothing twice, no second import',
    async () => {
      const before = (await system.mailbox()).length;
      const move = system.clock({ by: 'P40D' }).catch(() => undefined);
      while ((await system.mailbox()).length < before + 3) await new Promise((resolve) => setTimeout(resolve, 50));
      await system.kill();
      await move;
      system = await system.restart();
      await system.clock({ to: '2019-03-02T00:00:00Z' });
      expect(system.output()).not.toContain('importing');
      const mails = await system.mailbox();
      const keys = mails.map((mail) => [mail.policyIds.join(), mail.campaign, mail.step].join(' '));
      expect(keys.length).toBe(new Set(keys).size);
      expect(keys.length).toBeGreaterThan(before + 3);
      await nothingDead();
    },
    PATIENCE,
  );
});
