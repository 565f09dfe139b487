import { type OptionRule, optionsValue, wholeValue } from '@safelight/protocol';

/** The limits of the body of one call, besides the size of its file (`maxUploadBytes`). */
export interface BodyOptions {
  /**
   * The maximum size in bytes of all parameters of a call together, with their names. They are in memory. The longest
   * calls of the official SDKs have some kilobytes.
   * @default 65_536
   */
  readonly maxFieldBytes?: number;
  /** The maximum number of parameters of a call. The official SDKs have about 100. @default 1_000 */
  readonly maxFields?: number;
  /** How deep the JSON of a call may be nested. @default 32 */
  readonly maxDepth?: number;
  /**
   * How long a call may wait for 8 KiB more of its body, in milliseconds. A slow mobile network has 4 KiB a second.
   * @default 30_000
   */
  readonly maxIdleMs?: number;
}

export type BodyLimits = Required<BodyOptions>;

/** The rule for the option `body`. */
export const bodyRule: OptionRule = optionsValue<BodyOptions>({
  maxFieldBytes: wholeValue({ min: 1_000, unit: 'bytes' }),
  maxFields: wholeValue({ min: 10 }),
  maxDepth: wholeValue({ min: 2 }),
  maxIdleMs: wholeValue({ min: 1, unit: 'milliseconds' }),
});

/** Fills in the defaults. */
export function bodyLimits(options: BodyOptions): BodyLimits {
  const { maxFieldBytes = 65_536, maxFields = 1_000, maxDepth = 32, maxIdleMs = 30_000 } = options;
  return { maxFieldBytes, maxFields, maxDepth, maxIdleMs };
}
