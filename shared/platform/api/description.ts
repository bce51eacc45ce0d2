import * as z from 'zod';
import { problem } from './problem.ts';
import type { Route } from './route.ts';

/** A JSON Schema 2020-12 of what the wire carries; OpenAPI 3.1 takes it as it is. */
const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): object => {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return json;
};

const content = (schema: z.ZodType, io: 'input' | 'output', type = 'application/json') => ({
  [type]: { schema: schemaOf(schema, io) },
});

const parametersOf = (place: 'path' | 'query', schema: z.ZodObject): object[] =>
  Object.entries(schema.shape).map(([name, value]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(value as z.ZodType, undefined).success,
    schema: schemaOf(value as z.ZodType, 'input'),
  }));

const refusals = {
  400: 'a value is wrong: `error.path` names it',
  403: 'the role may not',
  404: 'there is no such thing, or it is another branch’s',
  409: 'something changed meanwhile: read it again',
  429: 'too often: wait as long as the message says',
  500: 'our fault: quote `error.requestId`',
};

/** Path as API Gateway and OpenAPI write it, method, and what the route says of itself. */
const operationOf = (route: Route): object => ({
  summary: route.summary,
  description: `Roles: ${route.roles.join(', ')}.`,
  operationId: `${route.method}${route.path.replaceAll(/[^a-z]+(\w?)/gi, (_, letter: string) => letter.toUpperCase())}`,
  security: [{ staff: [] }],
  parameters: [...parametersOf('path', route.params), ...parametersOf('query', route.query)],
  ...(route.body === undefined ? {} : { requestBody: { required: true, content: content(route.body, 'input') } }),
  responses: {
    200: { description: 'the answer', content: content(route.answer, 'output', route.produces) },
    ...Object.fromEntries(
      Object.entries(refusals).map(([status, description]) => [
        status,
        { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } } },
      ]),
    ),
  },
});

/** The OpenAPI 3.1 description of the routes: made from the objects that are served, so that they cannot differ. */
export const describe = (routes: readonly Route[], origin: string): object => {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  return {
    openapi: '3.1.0',
    info: { title: 'Perennial', version: '1', description: 'History of customers, policies and messages.' },
    servers: [{ url: origin }],
    paths,
    components: {
      securitySchemes: { staff: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Problem: schemaOf(problem, 'output') },
    },
  };
};
