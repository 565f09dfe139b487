export { createAnswerMemo } from './answer-memo.ts';
export { clientLeft, destroyedByUs, isAnswered, isComplete, isOver } from './connection-end.ts';
export { createListener, type EarlyAnswer, type EarlyOption, early, type Listener } from './early.ts';
export { feedDraft } from './feed-draft.ts';
export { formatBucket } from './format-bucket.ts';
export { derivativeCacheControl, errorCacheControl, retryAfterSeconds } from './freshness.ts';
export type { Next, RequestHandler } from './request-handler.ts';
export {
  type Answer,
  deliveryHeaders,
  type FailureAnswerOptions,
  failureAnswer,
  type PlaceholderBody,
  scriptlessPolicy,
  tagHeaders,
  type Wants,
} from './respond.ts';
export { type AnswerHead, fieldText } from './reuse/answer-head.ts';
export { keptHeaders } from './reuse/kept-headers.ts';
export {
  type AnswerTimes,
  ageSecondsOf,
  createLivesOf,
  type Lives,
  type LivesOf,
  type LivesOptions,
} from './reuse/lives.ts';
export { freshenedHead, revalidationHeaders } from './reuse/revalidation.ts';
export { isInvalidating, isWhole } from './reuse/storable.ts';
export { matchesVariant, variantOf } from './reuse/variant.ts';
export { besideApplication } from './serve/beside-application.ts';
export { evaluatePreconditions } from './serve/preconditions.ts';
export type { HeaderFields, Representation, Validators } from './serve/representation.ts';
export { writeRepresentation } from './serve/write-representation.ts';
export { urlOf } from './url-of.ts';
export { wants } from './wants.ts';
export { besides, writeAnswer } from './write-answer.ts';
