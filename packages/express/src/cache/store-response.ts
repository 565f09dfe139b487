import { type Attempt, type CachedVariant, type Derivatives, faultOfError } from '@safelight/core';
import { feedDraft, fieldText, isWhole } from '@safelight/http';
import { untilOf } from './cached-response.ts';
import type { HandlerResult } from './handler-result.ts';

export interface PuttingAwayOptions {
  readonly derivatives: Derivatives;
  /** How long a body may send nothing, in milliseconds. */
  readonly idleMs: number;
  readonly onError: (error: unknown) => void;
}

/** Stores a response while clients read it as it arrives; `undefined` when there is nothing to store. */
export function storeResponse(
  response: HandlerResult,
  attempt: Pick<Attempt, 'recordLate'>,
  { derivatives, idleMs, onError }: PuttingAwayOptions,
): Promise<CachedVariant | undefined> | undefined {
  if (response.kind === 'confirmed') return Promise.resolve(response.variant);
  if (response.kind !== 'cacheable') return undefined;
  const { head, vary } = response.facts;
  const announced = fieldText(head.headers, 'content-length');
  const draft = derivatives.create();
  response.draft = draft;
  return feedDraft(draft, response.body, {
    idleMs,
    bytes: announced === undefined ? undefined : Number(announced),
  }).then(
    async (bytes) => {
      if (!isWhole(head, bytes)) draft.discard();
      const name = await draft.store({ ...head });
      return name === undefined ? undefined : { name, ...untilOf(head.freshness), vary };
    },
    async (error) => {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') onError(error);
      await attempt.recordLate(faultOfError(error));
      return undefined;
    },
  );
}
