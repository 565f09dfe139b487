import type { IncomingMessage } from 'node:http';
import type { GuardRouteOptions } from '@safelight/express';

export interface Arrivals {
  readonly options: GuardRouteOptions;
  /** Resolves when this number of requests has reached the guard and had the time to begin waiting. */
  all(count: number): Promise<void>;
}

export function arrivals(assetOf: (req: IncomingMessage) => string | undefined = (req) => req.url): Arrivals {
  let count = 0;
  let wanted: { readonly count: number; resolve(): void } | undefined;
  return {
    options: {
      asset: (req: IncomingMessage) => {
        count += 1;
        if (wanted !== undefined && count >= wanted.count) setImmediate(wanted.resolve);
        return assetOf(req);
      },
    },
    all: (minCount) =>
      new Promise((resolve) => {
        if (count >= minCount) setImmediate(resolve);
        else wanted = { count: minCount, resolve };
      }),
  };
}
