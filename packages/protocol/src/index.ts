export type {
  AdminResponses,
  AssetDetails,
  AssetVersion,
  CommandResponses,
  DeletedDerivedResponse,
  DeletedResponse,
  FolderDescription,
  FoldersResponse,
  ListedAsset,
  PresetDescription,
  ResourcesResponse,
  RestoreResponse,
  SearchResponse,
  TransformationDescription,
  TransformationDetails,
  UsageResponse,
} from './admin-responses.ts';
export type {
  ApiErrorBody,
  ApiResponses,
  AssetStatus,
  EagerDerivative,
  ExistingUploadResponse,
  ExplicitResponse,
  PartResponse,
  PublicAsset,
  Received,
  ReceivedParts,
  UploadResponse,
} from './api-responses.ts';
export { type ApiOperation, type ApiPath, apiRoutes } from './api-routes.ts';
export type { AssetDescription, DerivedRecord, DestroyResponse, ResourceResponse } from './asset-description.ts';
export { type Backoff, defaultLadders, minWindowMs, windowMs } from './backoff.ts';
export { type CacheStatus, type ForwardReason, formatCacheStatus, parseCacheStatus } from './cache-status.ts';
export { cacheTags } from './cache-tag.ts';
export { checkOptions, checkValue, optionsValue } from './check-options.ts';
export { checkParts, type DeliveryParts } from './check-parts.ts';
export type { TransformationProblem } from './component-text.ts';
export { decoded } from './decoded.ts';
export type { Delivery, ResourceType } from './delivery.ts';
export {
  cloudinaryErrorHeader,
  type DeliveryError,
  errorHeader,
  exposedHeaders,
  type FailureMetric,
  missingOriginalHeader,
  readDeliveryError,
} from './delivery-error.ts';
export {
  type DeliveryPathLimits,
  type DeliveryPathProblem,
  type DeliverySignature,
  extensionProblem,
  type ParsedDelivery,
  parseDeliveryPath,
} from './delivery-path.ts';
export {
  type Diagnosis,
  type DiagnosisFix,
  type DiagnosisLayer,
  type DiagnosisMistake,
  isDiagnosis,
  type Verdict,
  type VerdictKind,
  verdicts,
} from './diagnosis.ts';
export { formatDiagnosis } from './diagnosis-text.ts';
export { durationText } from './duration-text.ts';
export { expectLike } from './expect-like.ts';
export { type ExpectedOptions, expectOptions } from './expect-options.ts';
export {
  type FailureClass,
  type FailureCode,
  type FailureKind,
  failureCodeOfStatus,
  failureKinds,
  optionallyHeldStatuses,
} from './failure-code.ts';
export { deliveryStringToSign, formatDeliveryPath } from './format-delivery-path.ts';
export { headerText } from './header-text.ts';
export { readHttpDate } from './http-date.ts';
export { InvalidTransformationError } from './invalid-transformation-error.ts';
export { kindOfValue } from './kind-of-value.ts';
export type { NamedTransformation, NamedTransformations } from './named-transformation.ts';
export { anyName, readNamedTransformations } from './named-transformations.ts';
export { nearName } from './near-name.ts';
export { finiteValue, type NumberBounds, numberValue, wholeValue } from './number-rule.ts';
export {
  anyValue,
  booleanValue,
  choiceValue,
  functionValue,
  type OptionRule,
  portValue,
  required,
  stringValue,
  textValue,
} from './option-rule.ts';
export type { Parameter } from './parameter.ts';
export { type ParameterKey, parameterKeys, parameters } from './parameters.ts';
export {
  isProblem,
  type ProblemDocument,
  type ProblemOptions,
  problemContentType,
  problemDocument,
} from './problem.ts';
export { publicIdProblem } from './public-id.ts';
export { type ResponseFlags, withoutResponseFlags } from './response-flags.ts';
export { readRetryAfter } from './retry-after.ts';
export { formatServerTiming, parseServerTiming, type ServerTimingMetric } from './server-timing.ts';
export { uploadStringToSign } from './signature.ts';
export { parseFieldDictionary } from './structured-field.ts';
export type {
  Angle,
  AspectRatio,
  Crop,
  Effect,
  Flag,
  Gravity,
  ImageFormat,
  Offset,
  Quality,
  Size,
  Transformation,
  TransformationStep,
} from './transformation.ts';
export {
  canonicalTransformation,
  formatTransformation,
  type ParsedTransformation,
  parseTransformation,
  type TransformationOptions,
} from './transformation-text.ts';
export { writeDeliveryPath } from './write-delivery-path.ts';
export { writeTransformation } from './write-transformation.ts';
