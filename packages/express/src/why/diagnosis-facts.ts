import type { BackoffOptions, Fault, Found, Original } from '@safelight/core';
import type { Delivery } from '@safelight/protocol';

/** The facts that explain a URL. */
export interface DiagnosisFacts {
  readonly url: string;
  /** Path and query of the URL, below the path that the server is mounted at. */
  readonly path: string;
  /** The path that the server is mounted at. @default '', the root */
  readonly mount?: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Set when the URL itself is refused. */
  readonly refused?: Fault;
  /** Set when it is a delivery URL of a mounted cloud. */
  readonly delivery?: Delivery;
  /** The stored failures and derivatives of the URL's target. */
  readonly found?: Found;
  /** `null` when the original does not exist; absent when that is not known. */
  readonly original?: Original | null;
  /** Whether the version that the URL names exists. */
  readonly versionExists?: boolean;
  /** Whether the original is being uploaded to this process right now. */
  readonly isArriving?: boolean;
  /**
   * Set when a placeholder is sent instead of errors: with this status, or with the status of the error (`undefined`).
   */
  readonly placeholder?: { readonly status: number | undefined } | undefined;
  readonly backoff: BackoffOptions;
  /** Administrators see all details; other clients see the verdict, the remaining time and the original's state. */
  readonly isAdministrator: boolean;
}
