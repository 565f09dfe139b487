import type { Attempt, Derivative, Derivatives, KeptVariant, Original } from '@safelight/core';
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

export interface KeepingOptions {
  readonly derivatives: Derivatives;
  readonly clock: () => number;
  /** How long a body may send nothing, in milliseconds. */
  readonly idleMs: number;
}

/** Stores a derivative. One that is an original as it is stored is sent from there, and not stored again. */
export function putDerivativeAway(
  delivered: Delivered,
  attempt: Pick<Attempt, 'recordLate'>,
  { derivatives, clock, idleMs }: KeepingOptions,
): Promise<KeptVariant | undefined> | undefined {
  const { derivative, original } = delivered;
  if (derivative.read !== undefined) return undefined;
  const draft = derivatives.create();
  const keep = async (): Promise<KeptVariant | undefined> => {
    const name = await draft.keep({ ...headOf(derivative, original) });
    return name === undefined ? undefined : { name, keptAt: clock() };
  };
  if (Buffer.isBuffer(derivative.body)) {
    draft.write(derivative.body);
    draft.end();
    return keep();
  }
  delivered.draft = draft;
  return feedDraft(draft, derivative.body, { idleMs, bytes: derivative.bytes }).then(keep, async (error) => {
    await attempt.recordLate(faultOfError(error));
    return undefined;
  });
}
