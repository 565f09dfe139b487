export type { AllowedUploads, Permission, ValueRule } from './sign/allowed-uploads.ts';
export type { NodeRequest, NodeResponse } from './sign/node-message.ts';
export { type SignUploadOptions, signUpload, type UploadSigner } from './sign/sign-upload.ts';
export type { TransformationInput } from './transformation-input.ts';
