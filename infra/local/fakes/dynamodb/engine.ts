import { EventEmitter } from 'node:events';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import dynalite from 'dynalite';
import type { WireResponse } from '../../wire.ts';

/** A DynamoDB request, read whole. */
interface EngineRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** dynalite without its socket: requests go to its listener as function calls, which saves a second hop. */
export interface DynamoEngine {
  serve(request: EngineRequest): Promise<WireResponse>;
  /** One operation by the runtime itself. */
  call(operation: string, input: unknown): Promise<{ readonly status: number; readonly body: Record<string, unknown> }>;
  /** Lets running writes end and closes the files. */
  close(): Promise<void>;
}

const require = createRequire(import.meta.url);

/** dynalite 4.0.0 ends its iterators by `return()`, which the store's iterators do not have (they have `close()`): each
 *  query would leave one open, 20 KB and a snapshot of the store, for ever. */
const closeIterators = (): void => {
  const ofLevel = createRequire(createRequire(require.resolve('dynalite')).resolve('level'));
  const { AbstractValueIterator } = ofLevel('abstract-level') as { AbstractValueIterator: { prototype: object } };
  const common = Object.getPrototypeOf(AbstractValueIterator.prototype) as {
    close(): Promise<void>;
    return?(): Promise<void>;
  };
  common.return ??= function () {
    return this.close();
  };
};

/** Opens the store in `folder`, or in memory without one. */
export const openEngine = (folder?: string): DynamoEngine => {
  closeIterators();
  const server: Server = dynalite({
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
    ...(folder === undefined ? {} : { path: folder }),
  });
  const listener = server.listeners('request')[0] as RequestListener;

  const serve = (request: EngineRequest): Promise<WireResponse> =>
    new Promise((resolve) => {
      const { method, url, headers } = request;
      const incoming = Object.assign(new EventEmitter(), { method, url, headers });
      const answered: Record<string, string> = {};
      const outgoing = {
        statusCode: 200,
        contentType: '',
        setHeader: (name: string, value: string | number) => {
          answered[name.toLowerCase()] = String(value);
        },
        end: (body?: string) => resolve({ status: outgoing.statusCode, headers: answered, body: body ?? '' }),
      };
      listener(incoming as unknown as IncomingMessage, outgoing as unknown as ServerResponse<IncomingMessage>);
      incoming.emit('data', request.body);
      incoming.emit('end');
    });

  return {
    serve,
    async call(operation, input) {
      const { status, body } = await serve({
        method: 'POST',
        url: '/',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `DynamoDB_20120810.${operation}`,
          'x-amz-date': '20200101T000000Z',
          authorization: 'AWS4-HMAC-SHA256 Credential=runtime, SignedHeaders=host, Signature=none',
        },
        body: Buffer.from(JSON.stringify(input)),
      });
      return { status, body: JSON.parse(String(body)) as Record<string, unknown> };
    },
    close: () =>
      new Promise((resolve, reject) => {
        // dynalite closes its store inside its server's close, which wants a server that listens
        server.listen(0, '127.0.0.1', () => server.close((error) => (error ? reject(error) : resolve())));
      }),
  };
};

/** Names of the parameters dynalite knows of an operation; it drops any other without a word. */
export const parametersOf = (operation: string): ReadonlySet<string> => {
  const file = `dynalite/validations/${operation[0]?.toLowerCase()}${operation.slice(1)}.js`;
  const { types } = require(file) as { types: Record<string, unknown> };
  return new Set(Object.keys(types));
};
