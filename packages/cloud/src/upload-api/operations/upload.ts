import type { AssetId, OriginalRecord, PublishedFacts } from '@safelight/core';
import type { ExistingUploadResponse, UploadResponse } from '@safelight/protocol';
import { badRequest } from '../api-error.ts';
import type { UploadCall } from '../call.ts';
import { type Progress, recordOf, type StoredUpload } from '../call-progress.ts';
import type { CallRun } from '../call-run.ts';
import { describeAsset, describePublic, type ResponseSettings } from '../describe-asset.ts';
import { eagerResponse } from '../eager.ts';
import { type IdentifiedFile, identifyFile } from '../identify-file.ts';
import type { UploadSettings } from '../input.ts';
import { type ChosenPublicId, choosePublicId } from '../public-id.ts';
import { withFetchedFile } from '../remote/with-fetched-file.ts';

import type { ReceivedFile } from '../submission.ts';
import type { ApiContext } from '../upload-api-options.ts';

/**
 * The steps of an upload, in their order: receive or fetch, probe, publish, confirm, respond. An upload that an earlier run of
 * the same call has published is not published again.
 */
export async function upload(
  call: UploadCall,
  context: ApiContext,
  { progress, seed }: CallRun<Progress>,
): Promise<UploadResponse | ExistingUploadResponse> {
  const { identity, input, settings, arrival } = call;
  const stored = progress.stored ?? (await store(call, context, seed));
  progress.stored = stored;
  const { original, existing, overwritten, pages } = stored;
  await context.changes.confirm([original], 'The upload is stored');
  // Requests do not wait for the `eager` derivations, which may take long.
  arrival.end();
  if (existing && identity.kind === 'preset') return describeExisting(original, settings);
  return {
    ...describeAsset(original, settings),
    etag: original.etag,
    ...(pages === undefined || existing ? {} : { pages }),
    ...(existing ? { existing: true } : {}),
    ...(overwritten ? { overwritten: true } : {}),
    ...(original.originalFilename === undefined ? {} : { original_filename: original.originalFilename }),
    ...(input.eager.length === 0
      ? {}
      : await eagerResponse(original, input.eager, { isAsync: input.eager_async, context, settings })),
    ...(identity.kind === 'key' && context.apiKey !== undefined ? { api_key: context.apiKey } : {}),
  };
}

/** Every client can make this call, so it must not show the tags, the context or the signature of the owner. */
function describeExisting(original: OriginalRecord, settings: ResponseSettings): ExistingUploadResponse {
  const { url, secure_url } = describeAsset(original, settings);
  return { ...describePublic(original), url, secure_url, existing: true };
}

function store(call: UploadCall, context: ApiContext, seed: string | undefined): Promise<StoredUpload> {
  if (call.file !== undefined) return storeFile(call.file, call, { ...context, seed });
  return withFetchedFile(call, context.onError, (file) => storeFile(file, call, { ...context, seed }));
}

interface StoreContext extends ApiContext {
  /** See `CallRun.seed`. */
  readonly seed: string | undefined;
}

async function storeFile(file: ReceivedFile, call: UploadCall, context: StoreContext): Promise<StoredUpload> {
  const { input, resourceType, arrival } = call;
  if (file.received.bytes === 0) throw badRequest('Empty file');
  const expected = { resourceType, filename: input.filename_override, allowedFormats: input.allowed_formats };
  const identified = await identifyFile(file, expected, context.handler);
  const { isRandom, publicId } = call.asset
    ? { ...call.asset, isRandom: false }
    : publicIdOf(identified, input, context.seed);
  const asset = { resourceType: identified.resourceType, publicId };
  const published = publishedFacts(asset, identified, input);
  const pages = identified.picture?.pages;
  // No asset has a random ID yet, and no request can wait for it.
  if (isRandom) return { ...(await publishNew(file, published, input, context)), pages };
  await arrival.expect(asset);
  return { ...(await context.changes.inTurn(asset, () => publish(file, published, input, context))), pages };
}

async function publish(
  file: ReceivedFile,
  published: PublishedFacts,
  input: UploadSettings,
  context: StoreContext,
): Promise<Omit<StoredUpload, 'pages'>> {
  const { originals, seed } = context;
  // `publishOnce` looks itself: the current version may be that of an earlier run of this call.
  if (seed !== undefined && originals.publishOnce !== undefined) return publishNew(file, published, input, context);
  const current = await originals.find({ resourceType: published.resourceType, publicId: published.publicId });
  if (current !== undefined && input.overwrite === false) {
    return { original: recordOf(current), existing: true, overwritten: false };
  }
  return { ...(await publishNew(file, published, input, context)), overwritten: current !== undefined };
}

/** Publishes a version. A run of the same call in another process, or an earlier one, gets the same version. */
async function publishNew(
  { received }: ReceivedFile,
  published: PublishedFacts,
  { overwrite }: UploadSettings,
  { originals, seed }: StoreContext,
): Promise<Omit<StoredUpload, 'pages'>> {
  if (seed === undefined || originals.publishOnce === undefined) {
    return { original: recordOf(await originals.publish(received, published)), existing: false, overwritten: false };
  }
  const once = { name: seed, mayReplace: overwrite !== false };
  const { original, isExisting, hasReplaced } = await originals.publishOnce(received, published, once);
  return { original: recordOf(original), existing: isExisting, overwritten: hasReplaced };
}

function publishedFacts(
  asset: AssetId,
  { format, picture, filename }: IdentifiedFile,
  input: UploadSettings,
): PublishedFacts {
  return {
    ...asset,
    format,
    ...(picture === undefined ? {} : { width: picture.width, height: picture.height }),
    ...(filename.stem === '' ? {} : { originalFilename: filename.stem }),
    ...(input.display_name === undefined ? {} : { displayName: input.display_name }),
    ...(input.tags === undefined ? {} : { tags: input.tags }),
    ...(input.context === undefined ? {} : { context: input.context }),
    ...(input.metadata === undefined ? {} : { metadata: input.metadata }),
    ...(input.asset_folder === undefined ? {} : { assetFolder: input.asset_folder }),
  };
}

function publicIdOf(
  { resourceType, filename }: IdentifiedFile,
  input: UploadSettings,
  seed: string | undefined,
): ChosenPublicId {
  return choosePublicId(resourceType, {
    seed,
    folder: input.folder,
    publicIdPrefix: input.public_id_prefix,
    filename,
    useFilename: input.use_filename,
    uniqueFilename: input.unique_filename,
  });
}
