import { type Attempt, type Derivatives, faultOfError, type KeptVariant } from '@safelight/core';
import { feedDraft, fieldText, isWhole } from '@safelight/http';
import type { HandlerAnswer } from './handler-answer.ts';
import { untilOf } from './kept-answer.ts';

export interface PuttingAwayOptions {
  readonly derivatives: Derivatives;
  /** How long a body may send nothing, in milliseconds. */
  readonly idleMs: number;
  readonly onError: (error: unknown) => void;
}

/** Stores a response while clients read it as it arrives; `undefined` when there is nothing to store. */
export function putAnswerAway(
  answer: HandlerAnswer,
  attempt: Pick<Attempt, 'recordLate'>,
  { derivatives, idleMs, onError }: PuttingAwayOptions,
): Promise<KeptVariant | undefined> | undefined {
  if (answer.kind === 'confirmed') return Promise.resolve(answer.variant);
  if (answer.kind !== 'keepable') return undefined;
  const { head, vary } = answer.facts;
  const announced = fieldText(head.headers, 'content-length');
  const draft = derivatives.create();
  answer.draft = draft;
  return feedDraft(draft, answer.body, { idleMs, bytes: announced === undefined ? undefined : Number(announced) }).then(
    async (bytes) => {
      if (!isWhole(head, bytes)) draft.discard();
      const name = await draft.keep({ ...head });
      return name === undefined ? undefined : { name, ...untilOf(head.lives), vary };
    },
    async (error) => {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') onError(error);
      await attempt.recordLate(faultOfError(error));
      return undefined;
    },
  );
}
