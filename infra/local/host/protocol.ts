import type { InvokeResult } from '../wire.ts';

/** What the host process needs to run a function. */
export interface HostedFunction {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** Absolute path of the module and the name of the handler it exports. */
  readonly entry: string;
  readonly exportName: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** The whole environment of the function; nothing of this process leaks in. */
  readonly environment: Readonly<Record<string, string>>;
  /** Workers at most. */
  readonly concurrency: number;
}

/** Runtime → host. */
export type ToHost =
  | {
      readonly kind: 'start';
      readonly functions: readonly HostedFunction[];
      readonly logs: string;
      readonly compileCache: string;
      readonly maxWorkers: number;
    }
  | Invocation;

/** One run of one function. `event` is JSON text; `now` is the virtual time it runs at. */
export interface Invocation {
  readonly kind: 'invoke';
  readonly id: number;
  readonly functionId: string;
  readonly event: string;
  readonly now: number;
}

/** Host → runtime. */
export type FromHost =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly id: number; readonly result: InvokeResult; readonly metrics: MetricSums };

/** Sums of the EMF metrics a run wrote, by metric name. */
export type MetricSums = Readonly<Record<string, number>>;

/** Host → worker. */
export interface WorkerData {
  readonly fn: HostedFunction;
  readonly now: number;
  readonly compileCache: string;
}

export type ToWorker = Pick<Invocation, 'id' | 'event' | 'now'>;

/** Worker → host. `loaded` starts the function's timeout; lines are in order with results. */
export type FromWorker =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'lines'; readonly text: string }
  | { readonly kind: 'result'; readonly id: number; readonly result: InvokeResult };
