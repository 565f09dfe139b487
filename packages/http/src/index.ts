export { derivativeCacheControl, errorCacheControl, noStore, retryAfterSeconds } from './cache-control.ts';
export { clientAddress } from './client-address.ts';
export { deliveryHeaders, scriptlessPolicy, tagHeaders } from './delivery-headers.ts';
export { createListener, type EarlyOption, type EarlyResponder, early, type Listener } from './early.ts';
export {
  clientLeft,
  destroyedByUs,
  forwardedValue,
  hasResponded,
  isComplete,
  isOver,
  originForm,
  requestUrl,
  targetOrigin,
  trustsProxy,
  urlBelowMount,
} from './exchange.ts';
export { createFailureMemo } from './failure-memo.ts';
export {
  type FailureResponseOptions,
  failureResponse,
  failureStatus,
  type PlaceholderBody,
  type Wants,
} from './failure-response.ts';
export { feedDraft } from './feed-draft.ts';
export { formatBucket } from './format-bucket.ts';
export {
  type JsonResponseOptions,
  jsonResponse,
  openToAll,
  type PreflightOptions,
  preflightResponse,
} from './json-response.ts';
export { lastNext } from './last-next.ts';
export { privateHeaders } from './private-headers.ts';
export { createPrivateNotice } from './private-notice.ts';
export type { Next, RequestHandler } from './request-handler.ts';
export { restoreHeaders } from './restore-headers.ts';
export { type CacheDirectives, readCacheDirectives } from './reuse/cache-directives.ts';
export { type ErrorReuse, errorReuse } from './reuse/error-reuse.ts';
export {
  ageSecondsOf,
  createFreshnessOf,
  type Freshness,
  type FreshnessOf,
  type FreshnessOptions,
  freshnessRules,
  type ResponseTimes,
} from './reuse/freshness.ts';
export { fieldText, type ResponseHead } from './reuse/response-head.ts';
export { freshenedHead, revalidationHeaders } from './reuse/revalidation.ts';
export { isInvalidating, isWhole } from './reuse/storable.ts';
export { storedHeaders } from './reuse/stored-headers.ts';
export { matchesVariant, variantOf } from './reuse/variant.ts';
export type { ByteRange } from './serve/byte-ranges.ts';
export { evaluatePreconditions } from './serve/preconditions.ts';
export type { HeaderFields, Representation, Validators } from './serve/representation.ts';
export { writeRepresentation } from './serve/write-representation.ts';
export { wants } from './wants.ts';
export { type WholeResponse, type WriteOptions, writeHead, writeResponse } from './write-response.ts';
