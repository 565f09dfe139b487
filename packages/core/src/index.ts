export type { AssetIndex, IndexState, IndexUsage } from './asset-index.ts';
export { IndexUnavailableError, SearchTooLongError } from './asset-index-errors.ts';
export type {
  AssetOrder,
  AssetPage,
  AssetQuery,
  DerivedEntry,
  DerivedPage,
  DerivedQuery,
  FolderPage,
  FolderQuery,
  IndexPage,
  TagPage,
  TagQuery,
} from './asset-lists.ts';
export type { SearchCondition, SearchField, SearchPage, SearchQuery } from './asset-search.ts';
export { type CachedInMemory, cachedInMemory } from './cached-in-memory.ts';
export type { CachedRecord, CachedVariant } from './cached-record.ts';
export { FaultError, faultOfError, faultOfStatus, retryAfterMs, statusOf, timedOut } from './classify.ts';
export { createGuard } from './create-guard.ts';
export { type Decision, decide } from './decide.ts';
export type { CachedBytes, CachedHead, Derivatives, Draft } from './derivatives.ts';
export { createDraft, type DraftOptions, type EndedDraft } from './draft.ts';
export { type Failure, type Fault, type HeldClass, type PassedError, remainingMs } from './failure.ts';
export type { FieldValues, MatchesFields } from './field-values.ts';
export {
  type BackoffOptions,
  backoffRule,
  derivativesPort,
  type GuardOptions,
  guardNumberRules,
  type OutcomeEvent,
} from './guard-options.ts';
export type { Guard, GuardRequest, Recall, Remembered, Work } from './guard-request.ts';
export type { Derivative, FormatBucket, Handler, HandlerContext, HandlerLimits, ProbedPicture } from './handler.ts';
export { createInTurn, type InTurn } from './in-turn.ts';
export type { ConditionalRecord, ConditionalResult, Lease, LeaseReading, Leases } from './leases.ts';
export type { Found } from './lookup.ts';
export { markTtlMs } from './mark-lifetimes.ts';
export {
  type AssetFacts,
  type AssetId,
  type Original,
  type OriginalRecord,
  type Originals,
  PayloadTooLargeError,
  type PublishedFacts,
  type PublishedOnce,
  type PublishOnceOptions,
} from './originals.ts';
export type { Busy, Cached, Failed, Left, Made, Outcome } from './outcome.ts';
export { pictureFormatAt } from './picture-format.ts';
export { drawnPlaceholder, type PlaceholderImage, type PlaceholderSource } from './placeholder.ts';
export { quietOnError } from './quietly.ts';
export type { ReceivedBytes } from './received-bytes.ts';
export { isFieldValues, recordSchema } from './record-schema.ts';
export type { NextCallState, RememberedCall, RememberedCalls } from './remembered-calls.ts';
export { type Attempt, abandoned, isThenable, type MayWait, type RunEnd, runUnshared } from './run.ts';
export type { RunClients } from './run-clients.ts';
export type { SharedValues } from './shared-values.ts';
export type { DraftSink } from './spill.ts';
export type { Store } from './store.ts';
export type { StoredValue } from './stored-value.ts';
export { type KeyKind, keyKind, keyKinds, type Target } from './target.ts';
export {
  badTransformation,
  invalidOriginal,
  missingOriginal,
  TransformError,
  type TransformErrorOptions,
} from './transform-error.ts';
export type {
  AddedPart,
  UnfinishedUpload,
  UnfinishedUploads,
  UploadFacts,
  UploadName,
  UploadPart,
  UploadsInUse,
  UploadUse,
} from './unfinished-uploads.ts';
