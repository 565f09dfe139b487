export { deliveryHeaders, scriptlessPolicy, tagHeaders } from './delivery-headers.ts';
export { createListener, type EarlyAnswer, type EarlyOption, early, type Listener } from './early.ts';
export {
  clientLeft,
  destroyedByUs,
  isAnswered,
  isComplete,
  isOver,
  originForm,
  requestUrl,
  targetOrigin,
  urlBelowMount,
} from './exchange.ts';
export { createFailureMemo } from './failure-memo.ts';
export {
  type FailureResponseOptions,
  failureResponse,
  type PlaceholderBody,
  type Wants,
} from './failure-response.ts';
export { feedDraft } from './feed-draft.ts';
export { formatBucket } from './format-bucket.ts';
export { derivativeCacheControl, errorCacheControl, retryAfterSeconds } from './freshness.ts';
export {
  type JsonResponseOptions,
  jsonResponse,
  openToAll,
  type PreflightOptions,
  preflightResponse,
} from './json-response.ts';
export { lastNext } from './last-next.ts';
export { createPrivateNotice } from './private-notice.ts';
export type { Next, RequestHandler } from './request-handler.ts';
export { type AnswerHead, fieldText } from './reuse/answer-head.ts';
export { keptHeaders } from './reuse/kept-headers.ts';
export {
  type AnswerTimes,
  ageSecondsOf,
  createLivesOf,
  type Lives,
  type LivesOf,
  type LivesOptions,
  livesRules,
} from './reuse/lives.ts';
export { freshenedHead, revalidationHeaders } from './reuse/revalidation.ts';
export { isInvalidating, isWhole } from './reuse/storable.ts';
export { matchesVariant, variantOf } from './reuse/variant.ts';
export type { ByteRange } from './serve/byte-ranges.ts';
export { evaluatePreconditions } from './serve/preconditions.ts';
export type { HeaderFields, Representation, Validators } from './serve/representation.ts';
export { writeRepresentation } from './serve/write-representation.ts';
export { wants } from './wants.ts';
export { type WholeResponse, type WriteOptions, writeHead, writeResponse } from './write-response.ts';
