import type { InvokeResult } from './wire.ts';

export interface InvocationsParts {
  readonly run: (functionId: string, event: unknown) => Promise<InvokeResult>;
  /** Functions that schedules call. */
  readonly scheduled: ReadonlySet<string>;
  /** Told when any other function has run: what a scheduled one said about its next work may no longer hold. */
  readonly onOther: () => void;
}

/**
 * A scheduled function may answer `{ nextDueAt }`, and the clock then jumps there. That is only safe as long as nobody
 * else worked in the meantime, who may have made work that is due sooner: then the answer is taken without the hint.
 */
export const createInvocations = ({ run, scheduled, onOther }: InvocationsParts) => {
  let others = 0;
  return async (functionId: string, event: unknown): Promise<InvokeResult> => {
    const before = others;
    const result = await run(functionId, event);
    if (!scheduled.has(functionId)) {
      others++;
      onOther();
      return result;
    }
    return others === before ? result : withoutHint(result);
  };
};

const withoutHint = (result: InvokeResult): InvokeResult => {
  if (result.kind === 'failed' || typeof result.value !== 'object' || result.value === null) return result;
  const { nextDueAt: _dropped, ...value } = result.value as Record<string, unknown>;
  return { kind: 'returned', value };
};
