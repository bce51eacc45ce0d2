import { createTraits } from '../customer/traits-store.ts';
import { once } from '../platform/once.ts';
import type { Table } from '../platform/table.ts';
import type { AskPorts } from './ask-survey.ts';
import { createAsked } from './asked-store.ts';
import { createInvitations } from './invitation-store.ts';
import { createSurveys, keepLibrary } from './survey-store.ts';

/** What asking needs, over the table. */
export const askingOver = (table: Table): AskPorts => ({
  asked: createAsked(table),
  invitations: createInvitations(table),
  surveys: createSurveys(table),
  keepSurveys: once(() => keepLibrary(table)),
  traits: createTraits(table),
});
