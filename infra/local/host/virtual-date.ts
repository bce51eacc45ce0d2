/**
 * Replaces the global `Date` of this thread, so that `Date.now()`, `new Date()` and `Date()` answer virtual time while
 * everything else stays as it is. `performance` is untouched: durations are real.
 */
export const installVirtualDate = (now: () => number): void => {
  const RealDate = globalThis.Date;
  const handler: ProxyHandler<DateConstructor> = {
    construct: (target, args: unknown[], newTarget): object =>
      Reflect.construct(
        target,
        args.length === 0 ? [now()] : args,
        newTarget === virtual ? target : newTarget,
      ) as object,
    apply: () => new RealDate(now()).toString(),
    get: (target, key, receiver): unknown => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  };
  const virtual: DateConstructor = new Proxy(RealDate, handler);
  RealDate.prototype.constructor = virtual;
  globalThis.Date = virtual;
};
