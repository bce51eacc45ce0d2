import { journey } from '../shared/journey/journey.ts';

export const page = journey;
