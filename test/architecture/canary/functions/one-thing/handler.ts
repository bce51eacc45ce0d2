import { local } from '../../infra/local/start.ts';

export const handler = local;
