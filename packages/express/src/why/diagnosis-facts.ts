import type { BackoffOptions, Fault, Found, Original } from '@safelight/core';
import type { Delivery } from '@safelight/protocol';

/** The facts from which a URL is explained. */
export interface DiagnosisFacts {
  readonly url: string;
  /** Path and query of the URL, below the place where the server is mounted. */
  readonly path: string;
  /** Where the server is mounted. @default '', the root */
  readonly mount?: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Set when the URL itself is refused. */
  readonly refused?: Fault;
  /** Set when it is a delivery URL of a cloud here. */
  readonly delivery?: Delivery;
  readonly found?: Found;
  /** `null` when it was looked for and does not exist; absent when that is not known. */
  readonly original?: Original | null;
  /** Whether the version that the URL names exists. */
  readonly versionExists?: boolean;
  /** Whether the original is being uploaded to this process right now. */
  readonly isArriving?: boolean;
  /** Set when a placeholder is sent in place of errors: with this status, `undefined` for the error's own. */
  readonly placeholder?: { readonly status: number | undefined } | undefined;
  readonly backoff: BackoffOptions;
  /** Administrators see everything; other clients see the verdict, the remaining time and the original's state. */
  readonly isAdministrator: boolean;
}
