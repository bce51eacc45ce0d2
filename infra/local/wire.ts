import type { DatabaseSync } from 'node:sqlite';
import type { Instant } from '../../shared/platform/time.ts';
import type { Resources } from './template/resources.ts';

/** The seam between the local runtime and the services it imitates: every fake speaks to the runtime through this file. */

/** One HTTP request at the AWS endpoint, read whole. Header names are lowercase. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Logical id of the calling function, or `operator`. */
  readonly principal: string;
}

export interface WireResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What a call wants to do, for the IAM check. */
export interface WireAction {
  /** `sqs:SendMessage` */
  readonly action: string;
  /** ARNs; all of them must be allowed. */
  readonly resources: readonly string[];
  /** Values for the condition keys the call knows (`s3:prefix`, `ses:FromAddress`), where the template may ask. */
  readonly context?: Readonly<Record<string, string>>;
}

/** The refusal of a call, answered in the error format of the service that `accepts` the request. */
export class WireRefusal extends Error {
  override readonly name = 'WireRefusal';
  readonly status: number;
  /** The error code as the service spells it: `AccessDenied`, `UnknownOperationException`. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The runtime's time: stands still between moves. */
export interface VirtualClock {
  now(): Instant;
}

/** One hop of work through the system, kept for `/local/trace`. Names and ids only, no bodies. */
export interface TraceHop {
  /** `sqs`, `invoke`, `iam`, `clock` … */
  readonly service: string;
  /** `SendMessage`, `denied`, `returned` … */
  readonly action: string;
  /** Who did it: a function's logical id, `operator`, or a fake. */
  readonly from: string;
  /** What it was done to: an ARN or a name. */
  readonly to: string;
  /** Further facts worth a line, without personal data. */
  readonly note?: string;
}

/** What came of running a function once. */
export type InvokeResult =
  | { readonly kind: 'returned'; readonly value: unknown }
  | {
      readonly kind: 'failed';
      readonly error: { readonly name: string; readonly message: string; readonly stack?: string };
      readonly timedOut?: boolean;
    };

/** What a fake may use of the runtime. */
export interface World {
  /** The state file (WAL). A fake makes its own tables, prefixed with its service's name. */
  readonly db: DatabaseSync;
  readonly clock: VirtualClock;
  readonly resources: Resources;
  readonly trace: (hop: TraceHop) => void;
  readonly invoke: (functionId: string, event: unknown) => Promise<InvokeResult>;
  /** Delivery from one service to another (SNS, SES, S3, the bus, the scheduler) to a queue, topic, bus or function ARN.
   *  Resolves when the target has accepted it; rejects where it would not. `attributes` are SQS message attributes. */
  readonly deliver: (targetArn: string, body: string, attributes?: Readonly<Record<string, string>>) => Promise<void>;
}

/** One imitated service. */
export interface Fake {
  /** True where the request is for this service, by its headers, path or body. */
  accepts(request: WireRequest): boolean;
  /** What the call wants. @throws WireRefusal for an action, parameter or shape that is not imitated */
  actionOf(request: WireRequest): WireAction;
  handle(request: WireRequest): Promise<WireResponse>;
  /** Answers a refusal (access denied, throttled, unknown action) in the service's own error format. */
  refuse?(request: WireRequest, refusal: WireRefusal): WireResponse;
  /** The earliest instant at which it would do something by itself. */
  nextDueAt?(): Instant | undefined;
  /** Does what is due now; true if it did anything. */
  run?(): Promise<boolean>;
  /** Things in flight: accepted, not yet handed on. */
  busy?(): number;
  /** Figures for `/local/status`. */
  counts?(): Record<string, number>;
}
