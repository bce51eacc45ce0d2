import { journey } from '../journey/journey.ts';

export const layer = journey;
