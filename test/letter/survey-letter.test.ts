import { describe, expect, test } from 'vitest';
import { createLetterComposer } from '../../functions/compose-letters/compose.ts';
import { createShippedTemplates, shippedIndex } from '../../shared/content/shipped-templates.ts';
import { createGates } from '../../shared/customer/gate-store.ts';
import { createProfiles } from '../../shared/customer/profile-store.ts';
import { printHouseFor } from '../../shared/letter/print-houses.ts';
import { createTypesetter } from '../../shared/letter/typeset-letter.ts';
import type { SendOrder } from '../../shared/message/message.ts';
import { createShortCodes } from '../../shared/message/short-code.ts';
import { createFiles } from '../../shared/platform/files.ts';
import { createMemoryTable } from '../../shared/platform/memory-table.ts';
import type { ZoneId } from '../../shared/platform/time.ts';
import { COMPOSE_AT, createLetterWorld } from './letter-world.ts';
import { readPdf } from './read-pdf.ts';

/** The letter of an order and the claims behind the code printed on it. */
const composed = async (template: string, locale: string, more: Partial<SendOrder>) => {
  const world = createLetterWorld();
  const order = {
    ...(await world.add(1, { profile: { locale } })),
    template,
    templateVersion: shippedIndex[template]?.version as string,
    ...more,
  };
  const codes = createShortCodes(createMemoryTable(), Buffer.alloc(32, 7));
  const compose = createLetterComposer({
    templates: createShippedTemplates(createFiles(new URL('../../templates/generated/shipped/', import.meta.url))),
    typesetter: createTypesetter(),
    codes,
    origin: 'https://renewals.example.com',
    domain: 'mail.example.com',
  });
  const { partyId } = order;
  const profile = (await createProfiles(world.table).getMany([partyId])).get(partyId)!;
  const gate = (await createGates(world.table).getMany([partyId])).get(partyId)!;
  const recipient = { order, gate, enrolments: [], profile, policies: [], control: { kind: 'go' } } as const;
  const made = await compose(recipient, COMPOSE_AT, printHouseFor('Europe/Madrid' as ZoneId));
  if (made.kind === 'failed') throw new Error(made.detail);
  const { text } = await readPdf(made.pdf);
  const [code = ''] = /\b[a-z2-9]{4}-[a-z2-9]{4}\b/.exec(text) ?? [];
  return { text, claims: await codes.find(code), pages: made.pages };
};

describe('S2 S3: a letter that asks', () => {
  test.each([
    ['survey-letter', 'en', 'survey'],
    ['survey-letter', 'zh-CN', '意见'],
    ['resolution-letter', 'en', 'put right'],
    ['resolution-letter', 'zh-CN', '解决'],
  ])('%s in %s: one page whose code opens the survey in its version', async (template, locale, word) => {
    const { text, claims, pages } = await composed(template, locale, { survey: 'resolution', surveyVersion: 'v1' });
    expect(claims).toMatchObject({ purpose: 'survey', survey: 'resolution', surveyVersion: 'v1', step: 'm14' });
    expect(pages).toBe(1);
    if (word !== 'survey') expect(text.replace(/\s+/g, locale === 'en' ? ' ' : '')).toContain(word);
  });

  test('any other letter opens the renewal page, as before', async () => {
    const { claims } = await composed('survey-letter', 'en', {});
    expect(claims).toMatchObject({ purpose: 'renew' });
    expect(claims).not.toHaveProperty('survey');
  });
});
