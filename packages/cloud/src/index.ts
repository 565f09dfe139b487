export { type CloudOptions, cloud } from './cloud.ts';
export type { PartsOptions } from './upload-api/part-limits.ts';
export type { UploadPreset } from './upload-api/upload-preset.ts';
