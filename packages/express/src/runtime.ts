import type { Derivatives, Guard, PlaceholderImage } from '@safelight/core';
import type { EarlyResponder } from '@safelight/http';
import { kindOfValue } from '@safelight/protocol';
import type { Control } from './why/control.ts';
import type { Explainer } from './why/explainer.ts';

export {
  createErrorPasser,
  type ErrorPasser,
  type FailureFields,
  failureId,
  type PassedExchange,
} from './guard/error-passer.ts';
export { type ControlResponse, problemResponse } from './why/control-response.ts';
export type { ControlQuestion, Explainer, UrlFacts } from './why/explainer.ts';

/**
 * The state that the parts of one Safelight share. `@safelight/cloud` uses it. It is not public API: it may change in
 * any release.
 */
export interface Runtime {
  readonly guard: Guard;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** How long a handler may take until its status line, in milliseconds. */
  readonly timeoutMs: number;
  readonly derivatives: Derivatives;
  /** The picture that is sent instead of errors, if there is one. */
  readonly placeholder: PlaceholderImage | undefined;
  /** The status of responses with a placeholder; `undefined` for the status of the error. */
  readonly placeholderStatus: number | undefined;
  /** A new value makes all earlier failures and cached responses invalid. */
  readonly epoch: string;
  readonly onError: (error: unknown) => void;
  /** Called when a response became `private` because the application has set a cookie on it. */
  readonly onMadePrivate: () => void;
  /** The routes below `/_safelight/`. */
  readonly control: Control;
  /** The mounts of this Safelight, such as clouds. */
  readonly mounts: readonly Mount[];
  /**
   * Adds a mount.
   * @throws {Error} when another mount has the same name
   */
  mount(mount: Mount): void;
}

/** A part of the application that serves its own assets, such as a cloud. */
export interface Mount extends Explainer {
  /** Unique among the mounts of one Safelight. */
  readonly name: string;
  /** Returns the keys of an asset of this mount, by its name; `changed(name)` counts for all of them. */
  keysOf(asset: string): readonly string[];
  /** Responds before the application does; `undefined` when the `early` option is off. */
  readonly early: EarlyResponder | undefined;
}

/** The key of a Safelight's runtime. It is in the global symbol registry, so two copies of this package share it. */
export const runtimeKey: unique symbol = Symbol.for('safelight.runtime');

/**
 * Returns the runtime of a Safelight.
 * @throws {TypeError} when the value does not come from `createSafelight()`
 */
export function runtimeOf(safelight: { readonly [runtimeKey]: Runtime }): Runtime {
  const runtime = (safelight as { readonly [runtimeKey]?: Runtime } | undefined)?.[runtimeKey];
  if (runtime === undefined) {
    throw new TypeError(
      `The first argument is ${kindOfValue(safelight)}; it must be what createSafelight() returns, as in cloud(safelight, 'demo', options).`,
    );
  }
  return runtime;
}
