import {
  type AssetId,
  type Handler,
  type Original,
  type ProbedPicture,
  type PublishedFacts,
  TransformError,
} from '@safelight/core';
import type { ExistingUploadResponse, ResourceType, UploadResponse } from '@safelight/protocol';
import { ApiError, badRequest } from '../api-error.ts';
import type { UploadCall } from '../call.ts';
import { describeAsset, describePublic, type ResponseSettings } from '../describe-asset.ts';
import { eagerResponse } from '../eager.ts';
import type { Progress, StoredUpload } from '../idempotency.ts';
import type { UploadSettings } from '../input.ts';
import { type ChosenPublicId, choosePublicId, type FileName, splitFilename } from '../public-id.ts';
import type { ReceivedFile } from '../submission.ts';
import type { ApiContext } from '../upload-api-options.ts';

/**
 * The steps of an upload, in their order: receive, probe, publish, confirm, respond. An upload that an earlier run of
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

async function store(call: UploadCall, context: ApiContext): Promise<StoredUpload> {
  const { file, input, resourceType, arrival } = call;
  if (file === undefined) throw badRequest('Missing required parameter - file');
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

/** The type and name of an uploaded file. */
interface IdentifiedFile {
  readonly resourceType: ResourceType;
  /** The canonical extension; '' when it is not known. */
  readonly format: string;
  readonly picture: ProbedPicture | undefined;
  readonly filename: FileName;
}

/** The parameters of the upload that describe the file. */
interface ExpectedFile {
  readonly resourceType: ResourceType | 'auto';
  /** Replaces the name that the sender gave. */
  readonly filename: string | undefined;
  /** Formats that are accepted. `undefined`: all. */
  readonly allowedFormats: readonly string[] | undefined;
}

/**
 * Finds the type of an uploaded file. A file is an image when the handler's `probe` accepts it. With the type `auto`,
 * all other files are raw files. The format of videos and raw files comes from their name.
 *
 * @throws {ApiError} 400 when the type is `image` and the file is not an image, or when its format is not allowed; 503 when
 *   too many pictures wait to be read
 */
async function identifyFile(file: ReceivedFile, expected: ExpectedFile, handler: Handler): Promise<IdentifiedFile> {
  const filename = splitFilename(expected.filename ?? file.filename ?? '');
  const namedFormat = filename.extension === '' ? formatOf(file.mediaType) : canonicalFormat(filename.extension);
  const identified = await probe(file, expected.resourceType, namedFormat, handler);
  if (expected.allowedFormats !== undefined) checkFormat(identified.format, expected.allowedFormats);
  return { ...identified, filename };
}

async function probe(
  { received }: ReceivedFile,
  type: ResourceType | 'auto',
  namedFormat: string,
  handler: Handler,
): Promise<Omit<IdentifiedFile, 'filename'>> {
  if (type === 'raw' || type === 'video') return { resourceType: type, format: namedFormat, picture: undefined };
  if (handler.probe === undefined) {
    const isImage = type === 'image' || imageFormats.has(namedFormat);
    return { resourceType: isImage ? 'image' : 'raw', format: namedFormat, picture: undefined };
  }
  try {
    const picture = await handler.probe(received.localPath);
    return { resourceType: 'image', format: picture.format, picture };
  } catch (error) {
    if (!TransformError.is(error)) throw error;
    if (type === 'auto' && error.code === 'invalid_original') {
      return { resourceType: 'raw', format: namedFormat, picture: undefined };
    }
    // The file is not at fault: the server is busy, or a process of it has ended.
    if (error.status >= 500)
      throw new ApiError(503, `The server could not read the file: ${error.message}.`, { 'retry-after': '2' });
    throw badRequest(error.code === 'invalid_original' ? error.message : `Invalid image file. ${error.message}`);
  }
}

function checkFormat(format: string, allowed: readonly string[]): void {
  if (allowed.length === 0 || allowed.map(canonicalFormat).includes(format)) return;
  throw badRequest(`Format ${format || 'unknown'} is not allowed. Allowed: ${allowed.join(', ')}`);
}

const imageFormats: ReadonlySet<string> = new Set(['jpg', 'png', 'webp', 'avif', 'gif', 'tiff', 'svg']);

function formatOf(mediaType: string | undefined): string {
  const subtype = /^(?:image|video)\/([a-z0-9]{2,10})/.exec(mediaType ?? '')?.[1];
  return subtype === undefined ? '' : canonicalFormat(subtype);
}

function canonicalFormat(format: string): string {
  const lowerCase = format.trim().toLowerCase();
  if (lowerCase === 'jpeg' || lowerCase === 'jpe') return 'jpg';
  if (lowerCase === 'tif') return 'tiff';
  return lowerCase === 'quicktime' ? 'mov' : lowerCase;
}
