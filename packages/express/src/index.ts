export { badTransformation, missingOriginal, TransformError } from '@safelight/core';
export type { UploadPreset } from './api/upload-preset.ts';
export type { CloudOptions } from './cloud.ts';
export { createSafelight, type Safelight, type SafelightOptions } from './create-safelight.ts';
export type { GuardDoorOptions } from './guard.ts';
export type { ErrorAnswer, MissingOriginalTest } from './missing-original.ts';
export type { Next, RequestHandler } from './run-handler.ts';
