import type { Hono } from 'hono';
import { handle } from 'hono/aws-lambda';

/** Types that go through the gateway as text; hono's own list but for CSV. */
const TEXT = /^text\/(?:plain|html|css|javascript)\b|[/+](?:json|xml)\s*(?:;|$)/i;

/**
 * The app behind an HTTP API's gateway. CSV goes as bytes: as text it would lose its byte order mark on the way, and Excel
 * would take it for a file in another encoding.
 */
export const onLambda = (app: Hono) => handle(app, { isContentTypeBinary: (type) => !TEXT.test(type) });
