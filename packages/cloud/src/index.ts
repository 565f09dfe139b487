export { cloud } from './cloud.ts';
export type { CloudOptions } from './cloud-options.ts';
export type { Credentials } from './upload-api/authenticate.ts';
export type { BodyOptions } from './upload-api/body/body-limits.ts';
export type { IncomingOptions } from './upload-api/incoming-limits.ts';
export type { PartsOptions } from './upload-api/part-limits.ts';
export type { RemoteFilesOptions } from './upload-api/remote/remote-files-options.ts';
export type { UploadPreset } from './upload-api/upload-preset.ts';
export type { SignatureReuse } from './upload-api/used-signatures.ts';
