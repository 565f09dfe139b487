export type { Diagnosis, ResourceType, Transformation, TransformationStep } from '@safelight/protocol';
export type { AssetRef } from './asset-ref.ts';
export { type Client, type ClientOptions, createClient } from './client.ts';
export type { DeliveryUrl, UnversionedOptions } from './delivery-url.ts';
export type { FindOptions } from './find.ts';
export type { CallOptions } from './http.ts';
export {
  type AttrsOptions,
  type ConstrainedAttrs,
  type FixedAttrs,
  type FullWidthAttrs,
  type ImgAttrs,
  imgAttrs,
} from './img-attrs.ts';
export { type ErrorCode, isSafelightError, SafelightError } from './safelight-error.ts';
export type { TransformationInput } from './transformation-input.ts';
export type {
  SignUpload,
  UploadAllOptions,
  UploadBody,
  UploadOptions,
  UploadParameters,
  UploadPhase,
  UploadProgress,
  UploadSignature,
} from './upload/upload-options.ts';
export type { UploadTask } from './upload/upload-task.ts';
export type { Picture, UploadedAsset } from './uploaded-asset.ts';
export type { WhenReadyOptions } from './when-ready.ts';
