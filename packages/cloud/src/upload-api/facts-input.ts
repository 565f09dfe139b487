import type { AssetFacts } from '@safelight/core';

/** The facts that a call changes. Absent ones stay. */
export interface AssetFactsInput {
  readonly tags?: readonly string[] | undefined;
  readonly context?: Readonly<Record<string, string>> | undefined;
  readonly metadata?: string | undefined;
  readonly display_name?: string | undefined;
  readonly asset_folder?: string | undefined;
}

/** What was sent replaces what was known; the rest stays. */
export function newFacts(known: AssetFacts, sent: AssetFactsInput): AssetFacts {
  return {
    ...known,
    ...(sent.tags === undefined ? {} : { tags: sent.tags }),
    ...(sent.context === undefined ? {} : { context: sent.context }),
    ...(sent.metadata === undefined ? {} : { metadata: sent.metadata }),
    ...(sent.display_name === undefined ? {} : { displayName: sent.display_name }),
    ...(sent.asset_folder === undefined ? {} : { assetFolder: sent.asset_folder }),
  };
}
