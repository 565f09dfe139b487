export { type ErrorCode, isSafelightError, SafelightError } from './safelight-error.ts';
export { publicIdFrom } from './upload/public-id-from.ts';
export { type SignAtOptions, signAt } from './upload/sign-at.ts';
export { uploadAll } from './upload/upload-all.ts';
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
export { type UploadTotals, uploadTotals } from './upload/upload-totals.ts';
export { createUploader, type Uploader, type UploaderOptions } from './upload/uploader.ts';
export type { UploadedAsset } from './uploaded-asset.ts';
