import { RequestGuard } from './guard.ts';
import type { GuardOptions } from './guard-options.ts';
import type { Guard } from './guard-request.ts';
import { checkedOptions } from './options.ts';

/**
 * Creates a guard: it runs work, shares each run between requests, and holds failures in a store.
 *
 * @throws {TypeError} when an option does not exist or has a wrong type
 * @throws {RangeError} when a number is out of range, or when two options contradict each other
 *
 * @example
 * import { memoryStore } from '@safelight/stores';
 *
 * const guard = createGuard({ store: memoryStore(), timeoutMs: 10_000 });
 * const target = { assets: ['cat'], derivation: 'w_300', version: undefined } as const;
 * const outcome = await guard.handle({ target, work: () => 'a picture', take: () => true, checksSuccess: false });
 * outcome.kind; // 'made'
 */
export function createGuard(options: GuardOptions): Guard {
  return new RequestGuard(checkedOptions(options));
}
