import { type Attempt, type CachedVariant, type Derivatives, faultOfError } from '@safelight/core';
import { feedDraft, fieldText, isWhole } from '@safelight/http';
import { instantsOf } from './cached-response.ts';
import type { HandlerResult } from './handler-result.ts';

export interface StoreResponseOptions {
  readonly derivatives: Derivatives;
  /** The longest time between two parts of a body, in milliseconds. */
  readonly idleMs: number;
  readonly onError: (error: unknown) => void;
}

/**
 * Stores a response while clients already read it.
 * @returns a promise of the cached variant, which is `undefined` when storing failed; `undefined` for a result that
 * must not be stored
 */
export function storeResponse(
  result: HandlerResult,
  attempt: Pick<Attempt, 'recordLate'>,
  { derivatives, idleMs, onError }: StoreResponseOptions,
): Promise<CachedVariant | undefined> | undefined {
  if (result.kind === 'confirmed') return Promise.resolve(result.variant);
  if (result.kind !== 'cacheable') return undefined;
  const { head, vary } = result.response;
  const contentLength = fieldText(head.headers, 'content-length');
  const draft = derivatives.create();
  result.draft = draft;
  return feedDraft(draft, result.body, {
    idleMs,
    bytes: contentLength === undefined ? undefined : Number(contentLength),
  }).then(
    async (bytes) => {
      if (!isWhole(head, bytes)) draft.discard();
      const name = await draft.store({ ...head });
      return name === undefined ? undefined : { name, ...instantsOf(head.freshness), vary };
    },
    async (error) => {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') onError(error);
      await attempt.recordLate(faultOfError(error));
      return undefined;
    },
  );
}
