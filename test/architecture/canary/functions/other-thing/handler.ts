import { handler } from '../one-thing/handler.ts';

export const other = handler;
