import {
  type FormatBucket,
  type Handler,
  type HandlerContext,
  type HandlerLimits,
  type Original,
  runUnshared,
} from '@safelight/core';
import type { PlaceholderBody } from '@safelight/http';
import type { Delivery } from '@safelight/protocol';
import { createOneAtATime } from './one-at-a-time.ts';

/** Where a placeholder comes from. */
export interface Source {
  readonly original: Original;
  readonly placeholder: NonNullable<HandlerContext['placeholder']>;
}

/** A placeholder to draw. Those with the same key are drawn once. */
export interface Drawing {
  readonly delivery: Delivery;
  readonly bucket: FormatBucket | undefined;
  readonly key: string;
}

/** A placeholder that could not be made. */
export interface NoPlaceholder {
  /** The next attempt is not before this instant, in epoch milliseconds. */
  readonly noneUntil: number;
}

export interface Drawn {
  /** `undefined`: it may be drawn at once when it is asked for again. */
  readonly result: PlaceholderBody | NoPlaceholder | undefined;
  readonly tookMs: number;
}

export interface DrawOptions {
  readonly handler: Handler;
  readonly limits: HandlerLimits;
  readonly timeoutMs: number;
  readonly onError: (error: unknown) => void;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

const maxBytes = 262_144;
const maxPixels = 1_000_000;
/** The time for one placeholder, with its waiting. */
const maxDrawingMs = 5000;
const maxWaiting = 100;
/** The time between a transient fault and the next attempt to make the same placeholder. */
const pauseMs = 10_000;

/** Creates the function that lets the handler draw one placeholder at a time. It never rejects. */
export function createDraw(options: DrawOptions): (drawing: Drawing, source: Source) => Promise<Drawn> {
  const { handler, timeoutMs, onError, clock } = options;
  const limits = { ...options.limits, maxOutputPixels: Math.min(options.limits.maxOutputPixels, maxPixels) };
  const oneAtATime = createOneAtATime(maxWaiting);

  return async function draw({ delivery, bucket }, { original, placeholder }) {
    let beganAt: number | undefined;
    const end = await runUnshared(
      ({ signal }) =>
        oneAtATime(async () => {
          beganAt = performance.now();
          const { contentType, body } = await handler(delivery, { original, bucket, signal, limits, placeholder });
          const bytes = Buffer.isBuffer(body) ? body : Buffer.concat(await body.toArray());
          return { contentType, body: bytes, ...(bucket === undefined ? {} : { vary: 'Accept' }) };
        }, signal),
      Math.min(timeoutMs, maxDrawingMs),
    );
    const tookMs = beganAt === undefined ? 0 : performance.now() - beganAt;
    if (end.kind === 'made' && end.value.body.length <= maxBytes) return { result: end.value, tookMs };
    const failureClass = end.kind === 'fault' ? end.fault.class : 'permanent';
    // A drawing that has not begun does not tell whether the placeholder can be made.
    if (beganAt === undefined || failureClass === 'never') return { result: undefined, tookMs };
    if (end.kind === 'fault' && failureClass === 'transient') onError(end.error);
    const noneUntil = failureClass === 'transient' ? clock() + pauseMs : Number.POSITIVE_INFINITY;
    return { result: { noneUntil }, tookMs };
  };
}
