import { type AssetId, PayloadTooLargeError } from '@safelight/core';
import { type ApiError, tooLarge } from './api-error.ts';
import type { AssetRoute, PostRoute, UploadRoute } from './api-route.ts';
import { authenticate, type Identity } from './authenticate.ts';
import type { ResponseSettings } from './describe-asset.ts';
import { readUploadInput, type UploadWishes } from './input.ts';
import { choosePublicId } from './public-id.ts';
import type { Fields, ReceiveFile, Submission } from './submission.ts';
import type { ApiContext } from './upload-api-options.ts';

interface CallParts extends Submission {
  readonly identity: Identity;
  readonly settings: ResponseSettings;
  readonly arrival: Arrival;
  /** Stands in for an `Idempotency-Key`: of an upload in parts, which is repeated part by part. */
  readonly uploadKey?: string;
}

/** An authenticated upload with its parameters read. */
export interface UploadCall extends CallParts, UploadRoute {
  readonly input: UploadWishes;
  /** The asset that it will create, if its parameters name it; an image where the resource type is not known yet. */
  readonly asset: AssetId | undefined;
}

/** An authenticated call about an asset that exists. */
export interface AssetCall extends CallParts, AssetRoute {}

export type Call = UploadCall | AssetCall;

/** The asset that a call creates. Requests that do not find it wait until the call is over; no request waits for one that exists. */
export interface Arrival {
  /** Names the asset, whatever was expected before. Await it before the asset is published. */
  is(asset: AssetId): Promise<void>;
  /** Ends the waiting: the asset is confirmed, or will not come. */
  over(): void;
}

/** A call while its body arrives. */
export interface IncomingCall<Read extends Call> {
  readonly arrival: Arrival;
  /** Makes its file durable. Its asset is expected from now on, if the parameters that came before suffice. */
  readonly receive: ReceiveFile;
  /**
   * Authenticates the call and reads its parameters: once for each set of them.
   *
   * @throws {ApiError} 400 or 401
   */
  read(submission: Submission): Read;
}

export interface IncomingOptions {
  /** Whether the `Authorization` header authenticates it. */
  readonly isBasic: boolean;
  readonly settings: ResponseSettings;
  /** @default those of the largest upload */
  readonly maxFileBytes?: number;
  /** The refusal of a larger file. @default 413 */
  readonly fileTooLarge?: () => ApiError;
}

/**
 * Reads a call as soon as enough of its parameters have arrived. From then on, requests for a derivation of the asset wait
 * for the upload. A caller that may not upload cannot make a request wait, and there are never more such assets than
 * running calls.
 */
export function incomingCall(
  route: UploadRoute,
  options: IncomingOptions,
  context: ApiContext,
): IncomingCall<UploadCall>;
export function incomingCall(route: PostRoute, options: IncomingOptions, context: ApiContext): IncomingCall<Call>;
export function incomingCall(
  route: PostRoute,
  { isBasic, settings, maxFileBytes, fileTooLarge }: IncomingOptions,
  context: ApiContext,
): IncomingCall<Call> {
  const { originals, maxUploadBytes } = context;
  const arrival = createArrival(context);
  let latest: { readonly fields: Fields; readonly outcome: ReadParameters } | undefined;

  /** What these parameters say, or why they are refused: the same object is not read twice. */
  function outcomeOf(fields: Fields): ReadParameters {
    if (latest?.fields !== fields) {
      latest = { fields, outcome: readParameters(route, isBasic, fields, context) };
      if ('asset' in latest.outcome && latest.outcome.asset !== undefined) void arrival.is(latest.outcome.asset);
    }
    return latest.outcome;
  }

  return {
    arrival,
    async receive({ source, filename, mediaType, fields }, signal) {
      // A refusal here is not final: the parameters that follow may complete the call.
      outcomeOf(fields);
      try {
        const received = await originals.receive(source, { maxBytes: maxFileBytes ?? maxUploadBytes, signal });
        return { received, filename, mediaType };
      } catch (error) {
        // By name, so that two copies of the core agree.
        const isTooLarge = error instanceof Error && error.name === PayloadTooLargeError.name;
        throw isTooLarge ? (fileTooLarge?.() ?? tooLarge(maxUploadBytes)) : error;
      }
    },
    read(submission) {
      const outcome = outcomeOf(submission.fields);
      if ('refusal' in outcome) throw outcome.refusal;
      return { ...outcome, ...submission, settings, arrival };
    },
  };
}

type ReadParameters =
  | (AssetRoute & Pick<AssetCall, 'identity'>)
  | (UploadRoute & Pick<UploadCall, 'identity' | 'input' | 'asset'>)
  | { readonly refusal: unknown };

function readParameters(route: PostRoute, isBasic: boolean, fields: Fields, context: ApiContext): ReadParameters {
  try {
    const identity = authenticate({ isBasic, fields, mayBeUnsigned: route.operation === 'upload' }, context);
    if (route.operation !== 'upload') return { ...route, identity };
    const input = readUploadInput(fields, identity);
    // An ID that the server will choose is not known to any client that could request it.
    const asset = input.public_id === undefined ? undefined : assetOf(route, input.public_id, input);
    return { ...route, identity, input, asset };
  } catch (refusal) {
    return { refusal };
  }
}

function assetOf({ resourceType: asked }: UploadRoute, publicId: string, input: UploadWishes): AssetId {
  const { folder, public_id_prefix: publicIdPrefix } = input;
  const resourceType = asked === 'auto' ? 'image' : asked;
  return { resourceType, publicId: choosePublicId(resourceType, { publicId, folder, publicIdPrefix }).publicId };
}

function createArrival({ originals, changing }: ApiContext): Arrival {
  let expected: { readonly asset: AssetId; readonly end: () => void; readonly checked: Promise<void> } | undefined;
  return {
    is(asset) {
      const isExpected =
        expected?.asset.resourceType === asset.resourceType && expected.asset.publicId === asset.publicId;
      if (expected !== undefined && isExpected) return expected.checked;
      expected?.end();
      const end = changing(asset);
      const endIfThere = (original: unknown): void => {
        if (original !== undefined) end();
      };
      // When the originals cannot be read, the call itself reports that.
      const checked = originals.find(asset).then(endIfThere, () => {});
      expected = { asset, end, checked };
      return checked;
    },
    over() {
      expected?.end();
      expected = undefined;
    },
  };
}
