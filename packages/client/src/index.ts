export { formatDiagnosis, type ResourceType, type Transformation, type TransformationStep } from '@safelight/protocol';
export { type Client, type ClientOptions, createClient } from './client.ts';
export type { FindOptions } from './find.ts';
export type { CallOptions } from './http.ts';
export {
  defineSafelightImg,
  type HealDetail,
  type Healing,
  type HealOptions,
  type HealState,
  heal,
  type SafelightImgElement,
  type SafelightStateDetail,
} from './image.ts';
export type {
  AssetPage,
  FoundAsset,
  FoundPage,
  ImagesOptions,
  ListOptions,
  PageOptions,
  SearchOptions,
} from './lists/list-options.ts';
export {
  createUploader,
  publicIdFrom,
  type SignAtOptions,
  type SignUpload,
  signAt,
  type UploadAllOptions,
  type UploadBody,
  type Uploader,
  type UploaderOptions,
  type UploadOptions,
  type UploadParameters,
  type UploadPhase,
  type UploadProgress,
  type UploadSignature,
  type UploadTask,
  type UploadTotals,
  uploadAll,
  uploadTotals,
} from './upload.ts';
export {
  type AssetRef,
  type AttrsOptions,
  createAsset,
  type DeliveryPlaceOptions,
  type DeliveryUrl,
  dangerouslyBuildUrl,
  type ErrorCode,
  type FixedAttrs,
  type FullWidthAttrs,
  type ImgAttrs,
  imgAttrs,
  isSafelightError,
  type Picture,
  type ResponsiveAttrs,
  SafelightError,
  type TransformationInput,
  type UnversionedOptions,
  type UploadedAsset,
} from './url.ts';
export type { WhenReadyOptions } from './when-ready.ts';
// The function `why` is not exported here: every page would load it. `client.why()` imports it when it is called.
export type { Diagnosis, Verdict, WhyOptions } from './why.ts';
