import { handler } from '../functions/one-thing/handler.ts';

export const stack = handler;
