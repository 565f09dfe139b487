import { type Backoff, defaultLadders, kindOfValue } from '@safelight/protocol';
import type { Derivatives } from './derivatives.ts';
import { checkGuardOptions, type GuardOptions, type OutcomeEvent } from './guard-options.ts';
import type { Ladders } from './ladder.ts';
import { createMarkSource, type Ledger, localLedger, type Mark } from './ledger.ts';
import { createPendingChanges, type PendingChanges } from './pending-changes.ts';
import { quietly, quietOnError } from './quietly.ts';
import { tolerantLedger } from './tolerant-ledger.ts';

export interface GuardSettings {
  readonly ledger: Ledger;
  readonly clock: () => number;
  readonly random: () => number;
  readonly ladders: Ladders;
  readonly timeoutMs: number;
  readonly maxWaiters: number;
  readonly maxStaleMs: number;
  readonly leastQuietMs: number;
  readonly derivatives: Derivatives | undefined;
  readonly pending: PendingChanges;
  readonly maxPendingMs: number;
  readonly onOutcome: ((event: OutcomeEvent) => void) | undefined;
  readonly onError: (error: unknown) => void;
}

/**
 * Defaults and checks, once, at creation.
 * @throws {TypeError} for an option that does not exist, or has a wrong type
 * @throws {RangeError} naming the option and what it may be
 */
export function checkedOptions(options: GuardOptions): GuardSettings {
  checkGuardOptions(options);
  return settingsOf(options);
}

function settingsOf({
  store,
  island,
  derivatives,
  clock = Date.now,
  random = Math.random,
  lasting = {},
  passing = {},
  timeoutMs = 30_000,
  maxWaiters = 1000,
  maxStaleMs = 5000,
  leastQuietMs = 600_000,
  maxPendingMs = Math.min(5000, timeoutMs / 2),
  onOutcome,
  onError: report = ignore,
}: GuardOptions): GuardSettings {
  positive({ timeoutMs, maxWaiters, maxStaleMs, leastQuietMs, maxPendingMs });
  // Node's timers take no longer delay: a longer one would fire at once.
  if (timeoutMs > 2 ** 31 - 1)
    throw new RangeError(`timeoutMs is ${timeoutMs}; the longest is 2147483647 (24.8 days).`);
  if (maxPendingMs >= timeoutMs)
    throw new RangeError(
      `maxPendingMs (${maxPendingMs}) is not shorter than timeoutMs (${timeoutMs}): a request that waits would time out; set it lower.`,
    );
  const deterministic = backoff('lasting', { ...defaultLadders.lasting, ...lasting });
  const ladders: Ladders = {
    absence: deterministic,
    missing_version: deterministic,
    lasting: deterministic,
    passing: backoff('passing', { ...defaultLadders.passing, ...passing }),
  };
  const onError = quietOnError(report);
  const tell = onOutcome && quietly(onOutcome, onError);
  const freshMark: () => Mark = createMarkSource();
  const ledger =
    island === undefined ? localLedger(store, freshMark) : tolerantLedger({ store, island, clock, freshMark, onError });
  const pending = createPendingChanges({ maxWaitMs: maxPendingMs, clock });
  const limits = { timeoutMs, maxWaiters, maxStaleMs, leastQuietMs, maxPendingMs };
  return { ledger, clock, random, ladders, derivatives, pending, ...limits, onOutcome: tell, onError };
}

function backoff(name: string, { firstMs, capMs }: Backoff): Backoff {
  positive({ [`${name}.firstMs`]: firstMs, [`${name}.capMs`]: capMs });
  if (firstMs > capMs)
    throw new RangeError(`${name}.firstMs (${firstMs}) is longer than ${name}.capMs (${capMs}); swap them.`);
  return { firstMs, capMs };
}

function positive(options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(Number.isFinite(value) && value >= 1)) {
      throw new RangeError(`${name} is ${kindOfValue(value)}; it must be a finite number, at least 1.`);
    }
  }
}

function ignore(): void {}
