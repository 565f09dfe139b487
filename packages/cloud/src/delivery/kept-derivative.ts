import type { Attempt, Derivative, Derivatives, KeptVariant, Original } from '@safelight/core';
import { faultOfError } from '@safelight/core';
import { feedDraft } from '@safelight/http';
import type { Delivered } from './deliver.ts';

/** What the answer to a derivation says of it beside its length and digest. Whoever changes it renames the keys of `d:`. */
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
  /** How long a body may be silent, in milliseconds. */
  readonly idleMs: number;
}

/** Puts a derivative away. One that lies somewhere already, as an original does, is sent from there and not kept. */
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
