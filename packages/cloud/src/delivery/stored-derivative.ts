import type { Attempt, CachedVariant, Derivative, Derivatives, Original } from '@safelight/core';
import { faultOfError } from '@safelight/core';
import { feedDraft } from '@safelight/http';
import type { Delivered } from './deliver.ts';

/** The facts for the headers, besides length and digest. A change here needs another key prefix than `d:`. */
export interface DerivativeHead {
  readonly contentType: string;
  readonly format: string;
  /** When its original was uploaded, epoch milliseconds. */
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
  readonly clock: () => number;
  /** How long a body may send nothing, in milliseconds. */
  readonly idleMs: number;
}

/** Stores a derivative. One that is an original as it is stored is sent from there, and not stored again. */
export function storeDerivative(
  delivered: Delivered,
  attempt: Pick<Attempt, 'recordLate'>,
  { derivatives, clock, idleMs }: StoringOptions,
): Promise<CachedVariant | undefined> | undefined {
  const { derivative, original } = delivered;
  if (derivative.read !== undefined) return undefined;
  const draft = derivatives.create();
  const cache = async (): Promise<CachedVariant | undefined> => {
    const name = await draft.store({ ...headOf(derivative, original) });
    return name === undefined ? undefined : { name, cachedAt: clock() };
  };
  if (Buffer.isBuffer(derivative.body)) {
    draft.write(derivative.body);
    draft.end();
    return cache();
  }
  delivered.draft = draft;
  return feedDraft(draft, derivative.body, { idleMs, bytes: derivative.bytes }).then(cache, async (error) => {
    await attempt.recordLate(faultOfError(error));
    return undefined;
  });
}
