import type { IncomingMessage } from 'node:http';
import {
  type AssetId,
  type AssetIndex,
  type Derivative,
  type Handler,
  type Originals,
  quietOnError,
} from '@safelight/core';
import { checkValue, type Delivery, type NamedTransformations } from '@safelight/protocol';
import type { Credentials } from './authenticate.ts';
import { type BodyLimits, type BodyOptions, bodyLimits, bodyRule } from './body/body-limits.ts';
import { type AssetChanges, assetChanges } from './changes.ts';
import { originOf } from './describe-asset.ts';
import { createIncomingBudget, type IncomingBudget } from './incoming-budget.ts';
import { type IncomingOptions, incomingLimits, incomingRule } from './incoming-limits.ts';
import { maxUploadBytesRule, type PartLimits, type PartsOptions, partLimits, partsRule } from './part-limits.ts';
import { createRemoteFiles, type RemoteFiles } from './remote/remote-files.ts';
import { type RemoteFilesOptions, remoteFileLimits, remoteFilesRule } from './remote/remote-files-options.ts';
import { presetMap, type UploadPreset } from './upload-preset.ts';
import { createUsedSignatures, type SignatureReuse, type UsedSignatures } from './used-signatures.ts';

export interface UploadApiOptions {
  /** The `<cloud>` of `/v1_1/<cloud>/…`. */
  readonly cloudName: string;
  readonly originals: Originals;
  /** Finds assets for lists and searches. `originals` must tell it each change. @default none */
  readonly index?: AssetIndex | undefined;
  /** Makes derivatives. Its `probe` decides whether a file is a picture. */
  readonly handler: Handler;
  /** The key for signed calls. Without key and secret, signed calls are refused. */
  readonly apiKey?: string | undefined;
  readonly apiSecret?: string | undefined;
  /** Further pairs that are valid, while keys are changed. */
  readonly otherKeys?: readonly Credentials[] | undefined;
  /** How a signature may be used again. @default 'any' */
  readonly signatureReuse?: SignatureReuse | undefined;
  /** Presets for unsigned uploads: a list of names, or settings by name. Without one, unsigned uploads are refused. */
  readonly uploadPresets?: Readonly<Record<string, UploadPreset>> | readonly string[] | undefined;
  /**
   * Renews the generation of an asset. Called after the change is visible and before the response is sent. When it
   * rejects (`store_unavailable`), the response is a 503 with `Retry-After`.
   */
  readonly changed: (asset: AssetId) => Promise<void>;
  /** Called when an original begins to arrive. @returns a function that ends this state; further calls do nothing */
  readonly changing: (asset: AssetId) => () => void;
  /**
   * Tells other processes that the first original of an asset is on its way. When it rejects (`store_unavailable`), the
   * upload is refused with a 503 and `Retry-After`.
   */
  readonly announce: (asset: AssetId) => Promise<void>;
  /** Makes one derivative, for `eager`. */
  readonly derive: (delivery: Delivery) => Promise<Derivative>;
  /** Removes one derivative from the cache. */
  readonly forget: (delivery: Delivery) => Promise<void>;
  /** The named transformations, for `eager`. @default none */
  readonly named?: NamedTransformations | undefined;
  /** The maximum size of one file in bytes, sent whole or in parts. @default 100_000_000 */
  readonly maxUploadBytes?: number | undefined;
  /** The limits of uploads in parts. */
  readonly parts?: PartsOptions | undefined;
  /** The limits of the body of one call. */
  readonly body?: BodyOptions | undefined;
  /** The origins of pages that may send Basic authorization, such as `https://admin.example.org`. @default none */
  readonly basicOrigins?: readonly string[] | undefined;
  /** The limits of all calls together that are being received. */
  readonly incoming?: IncomingOptions | undefined;
  /** From where the `file` of an upload may be fetched when it is a URL. @default no URL is fetched */
  readonly remoteFiles?: RemoteFilesOptions | undefined;
  /** Epoch milliseconds. @default Date.now */
  readonly clock?: (() => number) | undefined;
  /** The origin of the delivery URLs in responses. @default protocol and host of the request */
  readonly deliveryOrigin?: ((req: IncomingMessage) => string) | undefined;
  /**
   * Whether the application has another cloud of this name. Its requests are passed on. Requests for all other names
   * are refused.
   * @default always `false`
   */
  readonly isOtherCloud?: ((cloudName: string) => boolean) | undefined;
  /**
   * Called with every error that the caller has not caused. The response has only a request ID.
   * @default console.error
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** The options with their defaults, for the operations. */
export interface ApiContext {
  readonly cloudName: string;
  readonly originals: Originals;
  readonly index: AssetIndex | undefined;
  readonly handler: Handler;
  readonly apiKey: string | undefined;
  readonly credentials: readonly Credentials[];
  readonly usedSignatures: UsedSignatures;
  readonly presets: ReadonlyMap<string, UploadPreset>;
  readonly basicOrigins: ReadonlySet<string>;
  readonly maxUploadBytes: number;
  readonly parts: PartLimits;
  readonly body: BodyLimits;
  readonly incoming: IncomingBudget;
  readonly remoteFiles: RemoteFiles | undefined;
  readonly changes: AssetChanges;
  readonly changing: (asset: AssetId) => () => void;
  readonly derive: (delivery: Delivery) => Promise<Derivative>;
  readonly forget: (delivery: Delivery) => Promise<void>;
  /** The named transformations: the name of each, with its text. */
  readonly named: NamedTransformations;
  readonly clock: () => number;
  readonly deliveryOrigin: (req: IncomingMessage) => string;
  readonly isOtherCloud: (cloudName: string) => boolean;
  readonly onError: (error: unknown) => void;
}

/** The pairs of a cloud; the first one is `apiKey` and `apiSecret`. */
export function credentialsOf({
  apiKey,
  apiSecret,
  otherKeys = [],
}: Pick<UploadApiOptions, 'apiKey' | 'apiSecret' | 'otherKeys'>): readonly Credentials[] {
  return apiKey && apiSecret ? [{ apiKey, apiSecret }, ...otherKeys] : otherKeys;
}

/**
 * @throws {TypeError} when an option cannot work
 * @throws {RangeError} when a number is out of range
 */
export function contextOf(options: UploadApiOptions): ApiContext {
  const { cloudName, apiKey, apiSecret, maxUploadBytes = 100_000_000, changed, changing, announce } = options;
  const { parts = {}, body = {}, incoming = {}, remoteFiles } = options;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(cloudName)) {
    throw new TypeError(`cloudName is "${cloudName}". Use letters, digits, ".", "-" and "_".`);
  }
  checkValue('maxUploadBytes', maxUploadBytes, maxUploadBytesRule);
  checkValue('parts', parts, partsRule);
  checkValue('body', body, bodyRule);
  checkValue('incoming', incoming, incomingRule);
  if (remoteFiles !== undefined) checkValue('remoteFiles', remoteFiles, remoteFilesRule);
  if (Boolean(apiKey) !== Boolean(apiSecret)) {
    throw new TypeError('apiKey and apiSecret belong together: give both, or neither.');
  }
  const onError = quietOnError(options.onError ?? console.error);
  return {
    cloudName,
    originals: options.originals,
    index: options.index,
    handler: options.handler,
    apiKey: apiKey || undefined,
    credentials: credentialsOf(options),
    usedSignatures: createUsedSignatures(options.signatureReuse ?? 'any', options.clock ?? Date.now),
    presets: presetMap(options.uploadPresets ?? []),
    basicOrigins: new Set(options.basicOrigins ?? []),
    maxUploadBytes,
    parts: partLimits(parts, maxUploadBytes),
    body: bodyLimits(body),
    incoming: createIncomingBudget(incomingLimits(incoming, maxUploadBytes)),
    remoteFiles: remoteFiles && createRemoteFiles(remoteFileLimits(remoteFiles, maxUploadBytes)),
    changes: assetChanges({ changed, announce, onError }),
    changing,
    derive: options.derive,
    forget: options.forget,
    named: options.named ?? new Map(),
    clock: options.clock ?? Date.now,
    deliveryOrigin: options.deliveryOrigin ?? originOf,
    isOtherCloud: options.isOtherCloud ?? (() => false),
    onError,
  };
}
