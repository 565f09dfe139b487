import type { Derivatives, Guard, PlaceholderImage } from '@safelight/core';
import type { EarlyResponder } from '@safelight/http';
import { kindOfValue } from '@safelight/protocol';
import type { Control } from './why/control.ts';
import type { Explainer } from './why/explainer.ts';

export { type ControlResponse, problemResponse } from './why/control-response.ts';
export type { ControlQuestion, Explainer, UrlFacts } from './why/explainer.ts';

/**
 * The state that the parts of one Safelight share. `@safelight/cloud` is built on it. It is not public API: it may
 * change in any release.
 */
export interface Runtime {
  readonly guard: Guard;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly timeoutMs: number;
  readonly derivatives: Derivatives;
  readonly placeholder: PlaceholderImage | undefined;
  /** `undefined`: the error's own status. */
  readonly placeholderStatus: number | undefined;
  readonly onError: (error: unknown) => void;
  /** Is called when a response became `private` because the application has set a cookie on it. */
  readonly onMadePrivate: () => void;
  /** The routes below `/_safelight/`. */
  readonly control: Control;
  /** The mounts of this Safelight, such as clouds. */
  readonly mounts: readonly Mount[];
  /**
   * Adds a mount.
   * @throws {Error} when there is a mount of that name already
   */
  mount(mount: Mount): void;
}

/** A part that serves its own assets, such as a cloud. */
export interface Mount extends Explainer {
  /** Unique among the mounts of one Safelight. */
  readonly name: string;
  /** The keys that an asset's name stands for here: `changed(name)` renews all of them. */
  keysOf(asset: string): readonly string[];
  /** Responds before the application does; `undefined` when the `early` option is off. */
  readonly early: EarlyResponder | undefined;
}

/** The key of a Safelight's runtime. In the global registry, so that two copies of this package use the same one. */
export const runtimeKey: unique symbol = Symbol.for('safelight.runtime');

/** @throws {TypeError} when the value does not come from `createSafelight()` */
export function runtimeOf(safelight: { readonly [runtimeKey]: Runtime }): Runtime {
  const runtime = (safelight as { readonly [runtimeKey]?: Runtime } | undefined)?.[runtimeKey];
  if (runtime === undefined) {
    throw new TypeError(
      `The first argument is ${kindOfValue(safelight)}; it must be what createSafelight() returns, as in cloud(safelight, 'demo', options).`,
    );
  }
  return runtime;
}
