import type { Attempt, CachedVariant, Derivative, Derivatives, Original } from '@safelight/core';
import { faultOfError } from '@safelight/core';
import { feedDraft } from '@safelight/http';
import type { Delivery } from '@safelight/protocol';
import type { Delivered } from './deliver.ts';

/**
 * The data for the response headers that is stored with a derivative. A change here needs another key prefix than `d:`.
 */
export interface DerivativeHead {
  readonly contentType: string;
  readonly format: string;
  /** When the original was uploaded, in epoch milliseconds. */
  readonly createdAt: number;
  readonly width?: number;
  readonly height?: number;
}

export function headOf(
  { contentType, format, width, height }: Derivative,
  { createdAt }: Pick<Original, 'createdAt'>,
): DerivativeHead {
  return {
    contentType,
    format,
    createdAt,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  };
}

export interface StoringOptions {
  readonly derivatives: Derivatives;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** The longest time between two chunks of a body, in milliseconds. */
  readonly idleMs: number;
  readonly delivery: Delivery;
  readonly onStored: ((stored: StoredDerivative) => void) | undefined;
}

/** A derivative that was stored. */
export interface StoredDerivative {
  readonly delivery: Delivery;
  /** The version that it was made of. */
  readonly version: number;
  readonly format: string;
  /** The length; 0 when the handler does not know it. */
  readonly bytes: number;
}

/**
 * Stores a derivative.
 * @returns `undefined` for an unchanged original, which is sent from the originals and not stored again
 */
export function storeDerivative(
  delivered: Delivered,
  attempt: Pick<Attempt, 'recordLate'>,
  { derivatives, clock, idleMs, delivery, onStored }: StoringOptions,
): Promise<CachedVariant | undefined> | undefined {
  const { derivative, original } = delivered;
  if (derivative.read !== undefined) return undefined;
  const draft = derivatives.create();
  const store = async (): Promise<CachedVariant | undefined> => {
    const name = await draft.store({ ...headOf(derivative, original) });
    if (name === undefined) return undefined;
    const bytes = Buffer.isBuffer(derivative.body) ? derivative.body.length : (derivative.bytes ?? 0);
    onStored?.({ delivery, version: original.version, format: derivative.format, bytes });
    return { name, cachedAt: clock() };
  };
  if (Buffer.isBuffer(derivative.body)) {
    draft.write(derivative.body);
    draft.end();
    return store();
  }
  delivered.draft = draft;
  return feedDraft(draft, derivative.body, { idleMs, bytes: derivative.bytes }).then(store, async (error) => {
    await attempt.recordLate(faultOfError(error));
    return undefined;
  });
}
