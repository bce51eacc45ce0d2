import * as z from 'zod';

/**
 * The mapping format: how one department's file becomes records of the model. A mapping is a JSON document under
 * `mappings/`, written by people; `docs/guides/import.md` explains it with examples, `mappings/mapping.schema.json` is
 * this schema for editors. Unknown properties are refused: a typo must not pass as an absent option.
 */

const columnName = z.string().min(1).max(200).describe('Column name as in the header, without surrounding spaces');

const reading = {
  /** Spelled-out values of the source to values of the model. */
  map: z
    .record(z.string(), z.string())
    .optional()
    .describe('Value of the source → value of the model; a value that is not listed is a problem unless `otherwise`'),
  otherwise: z.string().optional().describe('For values that `map` does not list'),
  default: z.string().optional().describe('Where the cell is empty'),
  dates: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(
      'Date spellings of this field, first that fits wins: YYYY, MM, DD, M, D, HH, mm, ss and other characters as written',
    ),
  decimal: z.enum(['.', ',']).optional().describe('Decimal sign of this field, where it differs from the file'),
};

/** Where a field's text comes from and how it is read. A bare string names a column. */
export const fieldSchema = z
  .union([
    columnName,
    z.strictObject({ constant: z.string().describe('The same for every row') }),
    z.strictObject({
      column: columnName,
      take: z
        .enum(['first', 'after-first', 'before-last', 'last'])
        .optional()
        .describe('Only this part of the text, split at spaces'),
      ...reading,
    }),
    z.strictObject({
      columns: z.array(columnName).min(2).describe('Joined; empty ones are left out'),
      join: z.string().optional().describe('Between the parts; a space unless said'),
      ...reading,
    }),
  ])
  .meta({ id: 'field', description: 'A column name, or how to read a field' });
export type FieldMapping = z.output<typeof fieldSchema>;

const whenSchema = z
  .strictObject({
    column: columnName,
    present: z.boolean().optional().describe('Whether the cell must hold something'),
    is: z.array(z.string()).min(1).optional().describe('The cell must hold one of these'),
    isNot: z.array(z.string()).min(1).optional().describe('The cell must hold none of these'),
  })
  .refine((when) => when.present !== undefined || when.is !== undefined || when.isNot !== undefined, {
    message: 'say present, is or isNot',
  })
  .describe('The row makes this record only if so');

const recordBase = {
  when: whenSchema.optional(),
  knownFrom: fieldSchema
    .optional()
    .describe(
      'Date from which this record is known; later than now: stored, and used from that day. Default: the row’s',
    ),
};

const consentSchema = z
  .strictObject({
    channel: z.enum(['email', 'post', 'phone', 'sms']),
    purposes: z
      .array(z.enum(['service', 'marketing']))
      .min(1)
      .default(['service', 'marketing']),
    given: fieldSchema.describe(
      'Read to `yes` or `no` through its map; Y, N, true, false, 1, 0 are known. Empty: never asked',
    ),
    wording: z
      .string()
      .min(1)
      .default('legacy-unproven')
      .describe('Version of the words agreed to; unnamed = `legacy-unproven`, good for service only'),
    at: fieldSchema.optional().describe('When it was given or refused; default: the record’s as-of day'),
  })
  .describe('What a column says about one channel');

const customerSchema = z.strictObject({
  record: z.literal('customer'),
  ...recordBase,
  key: fieldSchema.describe('The customer’s number in this source'),
  asOf: fieldSchema
    .optional()
    .describe('Day of which the data is; a later one replaces an earlier one. Default: the row’s'),
  authority: z
    .number()
    .int()
    .min(0)
    .max(100)
    .default(50)
    .describe('Whose word counts where sources differ about the person: higher first, then the later as-of day'),
  given: fieldSchema.optional(),
  family: fieldSchema.optional(),
  full: fieldSchema.optional().describe('The name where the source does not split it'),
  company: fieldSchema.optional(),
  gender: fieldSchema.optional().describe('Read to f or m'),
  birthOn: fieldSchema.optional(),
  email: fieldSchema.optional(),
  phone: fieldSchema.optional(),
  lines: z.array(fieldSchema).max(4).default([]).describe('Street lines of the envelope; empty ones are left out'),
  city: fieldSchema.optional(),
  postcode: fieldSchema.optional(),
  region: fieldSchema.optional(),
  country: fieldSchema.optional().describe('ISO 3166-1 alpha-2'),
  locale: fieldSchema.optional().describe('BCP 47 such as en, zh-CN'),
  zone: fieldSchema.optional().describe('IANA zone such as Europe/Madrid'),
  largePrint: fieldSchema.optional(),
  manager: fieldSchema
    .optional()
    .describe(
      'User id of the account manager; `map` turns the source’s own numbers into ids. Empty: the branch’s queue',
    ),
  nationalId: fieldSchema.optional().describe('Used for linking only, kept as a keyed hash'),
  sameAs: z
    .array(z.strictObject({ source: z.string().min(1), key: fieldSchema }))
    .default([])
    .describe('The customer’s number in another source, where this file states it'),
  consents: z.array(consentSchema).default([]),
});

const contractSchema = z.strictObject({
  record: z.literal('contract'),
  ...recordBase,
  policyNo: fieldSchema,
  startsOn: fieldSchema.describe('First day of the contract'),
  holder: fieldSchema.describe('The holder’s customer number'),
  holderSource: z.string().min(1).optional().describe('The source that number is of; default: this one'),
  line: fieldSchema.describe('motor, home, health, life, liability, travel or other'),
  contactRule: fieldSchema.describe('direct, intermediary or copy-to-intermediary'),
  intermediary: fieldSchema.optional().describe('The broker’s or agent’s name or number'),
  zone: fieldSchema.describe('IANA zone in which the policy’s dates are meant'),
  insured: fieldSchema.optional().describe('What is insured, as the holder knows it: a plate, an address'),
});

const termSchema = z.strictObject({
  record: z.literal('term'),
  ...recordBase,
  startsOn: fieldSchema,
  renewsOn: fieldSchema.describe('The day the next term would begin'),
  premium: fieldSchema.optional(),
  currency: fieldSchema.optional().describe('ISO 4217; needed with a premium'),
});

const endingSchema = z.strictObject({
  record: z.literal('ending'),
  ...recordBase,
  kind: fieldSchema.describe('lapsed or cancelled'),
  on: fieldSchema,
  reason: fieldSchema.optional(),
});

/** How a row of another department names a policy: by its number alone. */
const policyRef = {
  policyNo: fieldSchema,
};

const offerSchema = z.strictObject({
  record: z.literal('offer'),
  ...recordBase,
  ...policyRef,
  termStartsOn: fieldSchema.describe('First day of the term that is offered'),
  premium: fieldSchema,
  lastPremium: fieldSchema.optional(),
  currency: fieldSchema,
  validUntil: fieldSchema.optional(),
  payUrl: fieldSchema.optional().describe('https address of the insurer where the customer pays'),
});

const claimSchema = z.strictObject({
  record: z.literal('claim'),
  ...recordBase,
  ...policyRef,
  claimNo: fieldSchema,
  type: fieldSchema,
  cost: fieldSchema.optional(),
  currency: fieldSchema.optional().describe('ISO 4217; needed with a cost'),
  status: fieldSchema.optional().describe('open, settled, disputed or unknown; default unknown'),
  occurredOn: fieldSchema.optional(),
  settledOn: fieldSchema.optional(),
});

export const recordSchema = z.discriminatedUnion('record', [
  customerSchema,
  contractSchema,
  termSchema,
  endingSchema,
  offerSchema,
  claimSchema,
]);
export type RecordMapping = z.output<typeof recordSchema>;

const formatSchema = z.strictObject({
  type: z.enum(['csv', 'ndjson', 'xlsx']).default('csv'),
  delimiter: z.string().length(1).default(',').describe('One character; "\\t" for TSV'),
  quote: z.string().max(1).default('"').describe('One character; "" where the file knows no quoting'),
  encoding: z
    .enum(['utf-8', 'utf-16le', 'utf-16be', 'gbk', 'gb18030', 'windows-1252'])
    .default('utf-8')
    .describe('A byte order mark in the file goes before it'),
  columns: z
    .array(columnName)
    .min(1)
    .optional()
    .describe('For a file without a header row: the names of its columns, in order'),
  sheet: z.string().min(1).optional().describe('xlsx: the sheet’s name; default: the first'),
  decimal: z.enum(['.', ',']).default('.'),
  dates: z.array(z.string()).min(1).default(['YYYY-MM-DD']),
  nulls: z.array(z.string()).default([]).describe('Texts that mean "nothing", such as NA; an empty cell always does'),
});
export type FileFormat = z.output<typeof formatSchema>;

export const mappingSchema = z
  .strictObject({
    $schema: z.string().optional(),
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
      .describe('Name of the mapping: small letters, digits, hyphens'),
    title: z.string().max(200).optional(),
    source: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,30}$/)
      .describe('The department’s system; numbers are unique within it'),
    appliesTo: z.array(z.string().min(1)).min(1).describe('File names; * stands for any characters'),
    mode: z
      .enum(['snapshot', 'delta'])
      .default('delta')
      .describe('Whether the file is the whole of the source or its changes; see the guide for what each does'),
    onChangedFile: z
      .enum(['ask', 'load'])
      .default('ask')
      .describe('A changed file under a name that was imported before: wait for confirmation, or load it'),
    scope: z.string().min(1).max(100).default('head-office').describe('Place in the organisation its rows belong to'),
    format: formatSchema.prefault({}),
    key: z.array(columnName).min(1).describe('Columns that together name a row across versions of the file'),
    asOf: fieldSchema.optional().describe('Day of which a row’s data is; default: the day of the import'),
    knownFrom: fieldSchema.optional().describe('Date from which a row is known; default: at once'),
    records: z.array(recordSchema).min(1),
  })
  .superRefine((mapping, context) => {
    const kinds = mapping.records.map(({ record }) => record);
    const twice = kinds.find((kind, n) => kinds.indexOf(kind) !== n);
    if (twice !== undefined && twice !== 'claim')
      context.addIssue({
        code: 'custom',
        path: ['records'],
        message: `${twice} stands twice: one row makes one of each`,
      });
    if ((kinds.includes('term') || kinds.includes('ending')) && !kinds.includes('contract'))
      context.addIssue({
        code: 'custom',
        path: ['records'],
        message: 'term and ending need a contract record beside them',
      });
    if (mapping.format.type === 'ndjson' && mapping.format.columns === undefined)
      context.addIssue({
        code: 'custom',
        path: ['format', 'columns'],
        message: 'ndjson needs the columns it may hold',
      });
  });
export type Mapping = z.output<typeof mappingSchema>;

/** Reads a mapping document. @returns the mapping, or what is wrong with it, one line each, with the place */
export const parseMapping = (
  text: string,
):
  | { readonly kind: 'valid'; readonly mapping: Mapping }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] } => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { kind: 'invalid', problems: [`not JSON: ${(error as Error).message}`] };
  }
  const parsed = mappingSchema.safeParse(json);
  if (parsed.success) return { kind: 'valid', mapping: parsed.data };
  return {
    kind: 'invalid',
    problems: parsed.error.issues.map((issue) => `${issue.path.join('.') || 'document'}: ${issue.message}`),
  };
};

/** True where `name` (a file name without folders) fits one of the mapping's patterns. */
export const appliesTo = (mapping: Pick<Mapping, 'appliesTo'>, name: string): boolean =>
  mapping.appliesTo.some((pattern) => {
    const expression = pattern
      .split('*')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*');
    return new RegExp(`^${expression}$`, 'i').test(name);
  });
