import { type OptionRule, optionsValue, wholeValue } from '@safelight/protocol';

/** Bounds of the unfinished uploads in parts. */
export interface PartsOptions {
  /**
   * Least bytes of a part that is not the last; Cloudinary wants 5,000,001. By default the number of parts is the only
   * bound, so that a bad link can be helped by smaller ones. @default 0
   */
  readonly minPartBytes?: number;
  /** Parts of one upload; of all unfinished ones together ten times as many. @default 10_000 */
  readonly maxParts?: number;
  /** Uploads that are remembered; the one that was used least recently makes room. @default 1_000 */
  readonly maxUploads?: number;
  /** Disk that unfinished uploads take together. @default ten times maxUploadBytes */
  readonly maxUnfinishedBytes?: number;
  /** How long an upload is kept without another part of it, in milliseconds. @default 3_600_000, an hour */
  readonly maxIdleMs?: number;
}

export type PartLimits = Required<PartsOptions>;

/** What `maxUploadBytes` must be. */
export const maxUploadBytesRule: OptionRule = wholeValue({ min: 1, unit: 'bytes' });

/** What `parts` must be. */
export const partsRule: OptionRule = optionsValue<PartsOptions>({
  minPartBytes: wholeValue({ min: 0, unit: 'bytes' }),
  maxParts: wholeValue({ min: 1 }),
  maxUploads: wholeValue({ min: 1 }),
  maxUnfinishedBytes: wholeValue({ min: 1, unit: 'bytes' }),
  maxIdleMs: wholeValue({ min: 1, unit: 'milliseconds' }),
});

/** @throws {TypeError} when no upload of `maxUploadBytes` could be complete */
export function partLimits(options: PartsOptions, maxUploadBytes: number): PartLimits {
  const limits: PartLimits = {
    minPartBytes: options.minPartBytes ?? 0,
    maxParts: options.maxParts ?? 10_000,
    maxUploads: options.maxUploads ?? 1_000,
    maxUnfinishedBytes: options.maxUnfinishedBytes ?? 10 * maxUploadBytes,
    maxIdleMs: options.maxIdleMs ?? 3_600_000,
  };
  if (limits.maxUnfinishedBytes < maxUploadBytes) {
    throw new TypeError(
      `parts.maxUnfinishedBytes is ${limits.maxUnfinishedBytes}, so that no upload of maxUploadBytes (${maxUploadBytes}) could ever be complete. Raise it.`,
    );
  }
  return limits;
}
