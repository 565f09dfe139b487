export type { Derivative, FormatBucket, Handler, HandlerContext, HandlerLimits, ProbedPicture } from './handler.ts';
export {
  type AssetId,
  type Original,
  type OriginalRecord,
  type Originals,
  PayloadTooLargeError,
  type PublishedFacts,
  type ReceivedBytes,
} from './originals.ts';
export type { Store, StoredValue } from './store.ts';
export {
  badTransformation,
  invalidOriginal,
  missingOriginal,
  TransformError,
  type TransformErrorOptions,
} from './transform-error.ts';
