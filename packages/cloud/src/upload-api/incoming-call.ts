import { type AssetId, PayloadTooLargeError } from '@safelight/core';
import { type ApiError, tooLarge } from './api-error.ts';
import type { AssetIdRoute, AssetRoute, CommandRoute, PostRoute, UploadRoute } from './api-route.ts';
import { authenticate } from './authenticate.ts';
import type { Arrival, AssetCall, Call, UploadCall } from './call.ts';
import type { ResponseSettings } from './describe-asset.ts';
import type { IncomingAccount } from './incoming-budget.ts';
import { readUploadInput, type UploadSettings } from './input.ts';
import { choosePublicId } from './public-id.ts';
import { fileFetcher } from './remote/file-fetcher.ts';
import type { Fields, ReceiveFile, Submission } from './submission.ts';
import type { ApiContext } from './upload-api-options.ts';

/** A call while its body is being received. */
export interface IncomingCall<Read extends Call> {
  readonly arrival: Arrival;
  /** Makes the file durable. If the parameters before it name the asset, requests wait for the asset from now on. */
  readonly receive: ReceiveFile;
  /**
   * Authenticates the call and reads its parameters, once for each set of parameters.
   *
   * @throws {ApiError} 400 or 401
   */
  read(submission: Submission): Read;
  /** Makes the signature valid again, after a call that has changed nothing and may be repeated. */
  giveBackSignature(): void;
}

export interface IncomingCallOptions {
  /** Whether the `Authorization` header has authenticated the call. */
  readonly isBasic: boolean;
  readonly settings: ResponseSettings;
  /** Identifies the call, with its repeats and its parts. */
  readonly callId: string;
  /** Counts the bytes of the file. */
  readonly account: IncomingAccount;
  /** @default `maxUploadBytes` */
  readonly maxFileBytes?: number;
  /** Creates the error for a larger file. @default status 413 */
  readonly fileTooLarge?: () => ApiError;
}

/**
 * Reads a call as soon as enough of its parameters were received. From then on, requests for a derivation of the asset
 * wait for the upload. A caller without permission cannot make a request wait, and each running call has at most one
 * expected asset.
 */
export function incomingCall(
  route: UploadRoute,
  options: IncomingCallOptions,
  context: ApiContext,
): IncomingCall<UploadCall>;
export function incomingCall(route: PostRoute, options: IncomingCallOptions, context: ApiContext): IncomingCall<Call>;
export function incomingCall(
  route: PostRoute,
  { isBasic, settings, callId, account, maxFileBytes, fileTooLarge }: IncomingCallOptions,
  context: ApiContext,
): IncomingCall<Call> {
  const { originals, maxUploadBytes } = context;
  const arrival = createArrival(context);
  /** The functions that give back the signatures of this call, by purpose and signature. The call is read several times. */
  const used = new Map<string, () => void>();
  let latest: { readonly fields: Fields; readonly outcome: ReadParameters } | undefined;

  /** Reads the parameters, or returns why they are refused. The same object is read once. */
  function outcomeOf(fields: Fields): ReadParameters {
    if (latest?.fields !== fields) {
      latest = { fields, outcome: readParameters({ route, isBasic, callId, used }, fields, context) };
      const { outcome } = latest;
      if ('asset' in outcome && outcome.asset !== undefined) void arrival.expect(outcome.asset);
    }
    return latest.outcome;
  }

  const receive: ReceiveFile = async ({ source, filename, mediaType, fields }) => {
    // A refusal is not final here: the parameters after the file may complete the call.
    const outcome = outcomeOf(fields);
    const isVerified = !('refusal' in outcome);
    // An upload that cannot be confirmed is refused before its file is received.
    if ('asset' in outcome && outcome.asset !== undefined) await arrival.expect(outcome.asset);
    try {
      const received = await originals.receive(account.count(source, isVerified), {
        maxBytes: maxFileBytes ?? maxUploadBytes,
      });
      return { received, filename, mediaType };
    } catch (error) {
      // Compared by name, because the application may have two copies of `@safelight/core`.
      const isTooLarge = error instanceof Error && error.name === PayloadTooLargeError.name;
      throw isTooLarge ? (fileTooLarge?.() ?? tooLarge(maxUploadBytes)) : error;
    }
  };

  return {
    arrival,
    receive,
    read(submission) {
      const outcome = outcomeOf(submission.fields);
      if ('refusal' in outcome) throw outcome.refusal;
      const call = { ...submission, settings, arrival };
      if (outcome.operation !== 'upload') return { ...outcome, ...call };
      const { url, fields } = submission;
      const fetchFile =
        url === undefined ? undefined : fileFetcher({ url, fields }, outcome.identity, context.remoteFiles, receive);
      return { ...outcome, ...call, fetchFile };
    },
    giveBackSignature() {
      for (const giveBack of used.values()) giveBack();
      used.clear();
    },
  };
}

type ReadParameters =
  | ((AssetRoute | CommandRoute | AssetIdRoute) & Pick<AssetCall, 'identity'>)
  | (UploadRoute & Pick<UploadCall, 'identity' | 'input' | 'asset'>)
  | { readonly refusal: unknown };

interface ReadingCall extends Pick<IncomingCallOptions, 'isBasic' | 'callId'> {
  readonly route: PostRoute;
  readonly used: Map<string, () => void>;
}

function readParameters(
  { route, isBasic, callId, used }: ReadingCall,
  fields: Fields,
  context: ApiContext,
): ReadParameters {
  try {
    const identity = authenticate({ isBasic, fields, mayBeUnsigned: route.operation === 'upload' }, context);
    const signature = fields.get('signature');
    if (!isBasic && signature) {
      const purpose = fields.get('public_id') ? `${route.resourceType} ${route.operation}` : route.operation;
      const name = `${purpose} ${signature}`;
      if (!used.has(name)) used.set(name, context.usedSignatures.use({ signature, purpose, call: callId }));
    }
    if (route.operation !== 'upload') return { ...route, identity };
    const input = readUploadInput(fields, identity, context);
    // No client can request an ID that the server has yet to choose.
    const asset = input.public_id === undefined ? undefined : assetOf(route, input.public_id, input);
    return { ...route, identity, input, asset };
  } catch (refusal) {
    return { refusal };
  }
}

function assetOf({ resourceType: requested }: UploadRoute, publicId: string, input: UploadSettings): AssetId {
  const { folder, public_id_prefix: publicIdPrefix } = input;
  const resourceType = requested === 'auto' ? 'image' : requested;
  return { resourceType, publicId: choosePublicId(resourceType, { publicId, folder, publicIdPrefix }).publicId };
}

function createArrival({ originals, changing, changes }: ApiContext): Arrival {
  let expected: { readonly asset: AssetId; readonly end: () => void; readonly checked: Promise<void> } | undefined;
  return {
    expect(asset) {
      const isExpected =
        expected?.asset.resourceType === asset.resourceType && expected.asset.publicId === asset.publicId;
      if (expected !== undefined && isExpected) return expected.checked;
      expected?.end();
      const end = changing(asset);
      const checked = originals.find(asset).then(
        (original) => (original === undefined ? changes.announce(asset) : end()),
        // When the originals cannot be read, the call reports the error.
        () => undefined,
      );
      // The caller that waits gets the refusal.
      checked.catch(() => undefined);
      expected = { asset, end, checked };
      return checked;
    },
    end() {
      expected?.end();
      expected = undefined;
    },
  };
}
