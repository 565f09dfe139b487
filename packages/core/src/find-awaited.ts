import { abandoned } from './run.ts';
import { TransformError } from './transform-error.ts';

export interface Arriving {
  readonly isArriving: () => boolean;
  /** `undefined` also when whoever asks has waited for long enough. */
  readonly changeEnds: () => Promise<void> | undefined;
}

/** Who misses an original that is arriving waits for it, then everything is looked up anew. */
export async function findAwaited<O>(
  find: () => Promise<O>,
  { isArriving, changeEnds }: Arriving,
): Promise<O | typeof abandoned> {
  try {
    return await find();
  } catch (error) {
    if (!isMissing(error) || !isArriving()) throw error;
    for (let ending = changeEnds(); ending !== undefined; ending = changeEnds()) await ending;
    if (!isArriving()) return abandoned;
    throw new TransformError('pending', 'The original is being uploaded.', { retryAfterMs: 1000, cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return TransformError.is(error) && (error.code === 'missing_original' || error.code === 'missing_version');
}
