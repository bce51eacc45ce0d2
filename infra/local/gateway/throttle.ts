/** Token buckets by route, as the stage's settings ask. In real time: they shield the machine, not the calendar. */
export interface Throttle {
  /** @param now real milliseconds of a clock that only rises
   *  @returns false where API Gateway would answer 429 */
  admit(routeKey: string, now: number): boolean;
}

export const createThrottle = (
  limits: Readonly<Record<string, { readonly rate?: number; readonly burst?: number }>>,
): Throttle => {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    admit(routeKey, now) {
      // A route's own setting replaces the stage's default, which each route has for itself.
      const { rate, burst } = limits[routeKey] ?? limits['*'] ?? {};
      if (rate === undefined || burst === undefined) return true;
      const bucket = buckets.get(routeKey) ?? { tokens: burst, at: now };
      bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * rate);
      bucket.at = now;
      buckets.set(routeKey, bucket);
      if (bucket.tokens < 1) return false;
      bucket.tokens--;
      return true;
    },
  };
};
