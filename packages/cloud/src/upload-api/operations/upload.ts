import type { AssetId, Original, PublishedFacts } from '@safelight/core';
import type { ExistingUploadResponse, UploadResponse } from '@safelight/protocol';
import { badRequest } from '../api-error.ts';
import type { UploadCall } from '../call.ts';
import { describeAsset, describePublic, type ResponseSettings } from '../describe-asset.ts';
import { eagerResponse } from '../eager.ts';
import type { Progress, StoredUpload } from '../idempotency.ts';
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
  progress: Partial<Progress>,
): Promise<UploadResponse | ExistingUploadResponse> {
  const { identity, input, settings, arrival } = call;
  const stored = progress.stored ?? (await store(call, context));
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
function describeExisting(original: Original, settings: ResponseSettings): ExistingUploadResponse {
  const { url, secure_url } = describeAsset(original, settings);
  return { ...describePublic(original), url, secure_url, existing: true };
}

const isNew = { existing: false, overwritten: false } as const;

function store(call: UploadCall, context: ApiContext): Promise<StoredUpload> {
  if (call.file !== undefined) return storeFile(call.file, call, context);
  return withFetchedFile(call, context.onError, (file) => storeFile(file, call, context));
}

async function storeFile(file: ReceivedFile, call: UploadCall, context: ApiContext): Promise<StoredUpload> {
  const { input, resourceType, arrival } = call;
  if (file.received.bytes === 0) throw badRequest('Empty file');
  const expected = { resourceType, filename: input.filename_override, allowedFormats: input.allowed_formats };
  const identified = await identifyFile(file, expected, context.handler);
  const { isRandom, publicId } = call.asset ? { ...call.asset, isRandom: false } : publicIdOf(identified, input);
  const asset = { resourceType: identified.resourceType, publicId };
  const published = publishedFacts(asset, identified, input);
  const pages = identified.picture?.pages;
  // No asset has a random ID yet, and no request can wait for it.
  if (isRandom) {
    return { original: await context.originals.publish(file.received, published), ...isNew, pages };
  }
  await arrival.expect(asset);
  return { ...(await context.changes.inTurn(asset, () => publish(file, published, input, context))), pages };
}

async function publish(
  { received }: ReceivedFile,
  published: PublishedFacts,
  { overwrite }: UploadSettings,
  { originals }: ApiContext,
): Promise<Omit<StoredUpload, 'pages'>> {
  const current = await originals.find({ resourceType: published.resourceType, publicId: published.publicId });
  if (current !== undefined && overwrite === false) {
    return { original: current, existing: true, overwritten: false };
  }
  const original = await originals.publish(received, published);
  return { original, existing: false, overwritten: current !== undefined };
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

function publicIdOf({ resourceType, filename }: IdentifiedFile, input: UploadSettings): ChosenPublicId {
  return choosePublicId(resourceType, {
    folder: input.folder,
    publicIdPrefix: input.public_id_prefix,
    filename,
    useFilename: input.use_filename,
    uniqueFilename: input.unique_filename,
  });
}
