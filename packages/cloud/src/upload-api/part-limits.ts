import { type OptionRule, optionsValue, wholeValue } from '@safelight/protocol';

/** The limits of unfinished uploads in parts. */
export interface PartsOptions {
  /**
   * The minimum size in bytes of every part but the last. Cloudinary requires 5,000,001. By default only the number of
   * parts is limited, so that clients can send smaller parts over a bad connection.
   * @default 0
   */
  readonly minPartBytes?: number;
  /**
   * The maximum number of parts of one upload. All unfinished uploads together have ten times as many.
   * @default 10_000
   */
  readonly maxParts?: number;
  /** The maximum number of unfinished uploads. The least recently used one is removed first. @default 1_000 */
  readonly maxUploads?: number;
  /**
   * The maximum number of unfinished uploads of one client address, so that one client does not use up those of all.
   * @default 100
   */
  readonly maxUploadsPerClient?: number;
  /** The maximum disk space of all unfinished uploads together, in bytes. @default ten times `maxUploadBytes` */
  readonly maxUnfinishedBytes?: number;
  /** How long an upload is stored after its last part, in milliseconds. @default 86_400_000, one day */
  readonly maxIdleMs?: number;
}

export type PartLimits = Required<PartsOptions>;

/** The rule for the option `maxUploadBytes`. */
export const maxUploadBytesRule: OptionRule = wholeValue({ min: 1, unit: 'bytes' });

/** The rule for the option `parts`. */
export const partsRule: OptionRule = optionsValue<PartsOptions>({
  minPartBytes: wholeValue({ min: 0, unit: 'bytes' }),
  maxParts: wholeValue({ min: 1 }),
  maxUploads: wholeValue({ min: 1 }),
  maxUploadsPerClient: wholeValue({ min: 1 }),
  maxUnfinishedBytes: wholeValue({ min: 1, unit: 'bytes' }),
  maxIdleMs: wholeValue({ min: 1, unit: 'milliseconds' }),
});

/**
 * Fills in the defaults.
 * @throws {TypeError} when `maxUnfinishedBytes` has no room for one upload of `maxUploadBytes`
 */
export function partLimits(options: PartsOptions, maxUploadBytes: number): PartLimits {
  const limits: PartLimits = {
    minPartBytes: options.minPartBytes ?? 0,
    maxParts: options.maxParts ?? 10_000,
    maxUploads: options.maxUploads ?? 1_000,
    maxUploadsPerClient: options.maxUploadsPerClient ?? 100,
    maxUnfinishedBytes: options.maxUnfinishedBytes ?? 10 * maxUploadBytes,
    maxIdleMs: options.maxIdleMs ?? 86_400_000,
  };
  if (limits.maxUnfinishedBytes < maxUploadBytes) {
    throw new TypeError(
      `parts.maxUnfinishedBytes is ${limits.maxUnfinishedBytes}; it must be at least maxUploadBytes (${maxUploadBytes}), so that one upload can be complete.`,
    );
  }
  return limits;
}
