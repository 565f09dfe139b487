// Only the files of hooks and components are client modules, so server components may call `imgProps()`.
export type { SafelightImageProps } from './react/image-options.ts';
export { type ImgProps, imgProps } from './react/img-props.ts';
export type { PictureSource } from './react/picture-source.ts';
export { SafelightImage } from './react/safelight-image.ts';
export type { UploadClient, UploadItem } from './react/upload-list.ts';
export { type SingleUpload, useUpload } from './react/use-upload.ts';
export type { UseUploadOptions } from './react/use-upload-list.ts';
export { type Uploads, useUploads } from './react/use-uploads.ts';
export type { UploadTotals } from './upload/upload-totals.ts';
