import { type OptionRule, optionsValue, wholeValue } from '@safelight/protocol';

/** The limits of all calls together that are being received. A call over a limit gets 503 with `Retry-After`. */
export interface IncomingOptions {
  /** The maximum disk space of files that are being received, in bytes. @default ten times `maxUploadBytes` */
  readonly maxIncomingBytes?: number;
  /**
   * The part of these bytes that may come from calls that are not authenticated yet: in a form, the file can stand before
   * the preset or the signature.
   * @default four times `maxUploadBytes`
   */
  readonly maxUnverifiedBytes?: number;
  /**
   * The maximum number of unfinished calls of one client address. A proxy in front is one address, unless the application
   * has set `trust proxy`.
   * @default 100
   */
  readonly maxCallsPerClient?: number;
  /**
   * The part of `maxIncomingBytes` that one client address may have, so that it does not use up the space of all.
   * @default three times `maxUploadBytes`
   */
  readonly maxBytesPerClient?: number;
}

export type IncomingLimits = Required<IncomingOptions>;

/** The rule for the option `incoming`. */
export const incomingRule: OptionRule = optionsValue<IncomingOptions>({
  maxIncomingBytes: wholeValue({ min: 1, unit: 'bytes' }),
  maxUnverifiedBytes: wholeValue({ min: 1, unit: 'bytes' }),
  maxCallsPerClient: wholeValue({ min: 1 }),
  maxBytesPerClient: wholeValue({ min: 1, unit: 'bytes' }),
});

/** Fills in the defaults. */
export function incomingLimits(options: IncomingOptions, maxUploadBytes: number): IncomingLimits {
  const { maxIncomingBytes = 10 * maxUploadBytes, maxUnverifiedBytes = 4 * maxUploadBytes } = options;
  const { maxCallsPerClient = 100, maxBytesPerClient = 3 * maxUploadBytes } = options;
  return { maxIncomingBytes, maxUnverifiedBytes, maxCallsPerClient, maxBytesPerClient };
}
