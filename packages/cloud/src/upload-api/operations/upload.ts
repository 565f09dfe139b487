import { type AssetId, type Handler, type ProbedPicture, type PublishedFacts, TransformError } from '@safelight/core';
import type { ResourceType, UploadResponse } from '@safelight/protocol';
import { badRequest } from '../api-error.ts';
import type { UploadCall } from '../call.ts';
import { describeAsset } from '../describe-asset.ts';
import { eagerResponse } from '../eager.ts';
import type { Progress, StoredUpload } from '../idempotency.ts';
import type { UploadWishes } from '../input.ts';
import { type ChosenId, choosePublicId, type FileName } from '../public-id.ts';
import type { ReceivedFile } from '../submission.ts';
import type { ApiContext } from '../upload-api-options.ts';

/**
 * Received, probed, published, confirmed, answered: each step only after the one before. What an earlier run of the same
 * call has published is not published again.
 */
export async function upload(
  call: UploadCall,
  context: ApiContext,
  progress: Partial<Progress>,
): Promise<UploadResponse> {
  const { identity, input, settings, arrival } = call;
  const stored = progress.stored ?? (await store(call, context));
  progress.stored = stored;
  const { original, existing, overwritten, pages } = stored;
  await context.changes.confirm([original], 'The upload is stored');
  // Requests do not wait for the `eager` derivations, which may take long.
  arrival.over();
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

const nothingBefore = { existing: false, overwritten: false } as const;

async function store(call: UploadCall, context: ApiContext): Promise<StoredUpload> {
  const { file, input, resourceType, arrival } = call;
  if (file === undefined) throw badRequest('Missing required parameter - file');
  if (file.received.bytes === 0) throw badRequest('Empty file');
  const wishes = { resourceType, filename: input.filename_override, allowedFormats: input.allowed_formats };
  const facts = await fileFacts(file, wishes, context.handler);
  const { isRandom, publicId } = call.asset ? { ...call.asset, isRandom: false } : publicIdOf(facts, input);
  const asset = { resourceType: facts.resourceType, publicId };
  const published = publishedFacts(asset, facts, input);
  const pages = facts.picture?.pages;
  // Nothing can be there under a random ID, and no request can wait for it.
  if (isRandom) {
    return { original: await context.originals.publish(file.received, published), ...nothingBefore, pages };
  }
  await arrival.is(asset);
  return { ...(await context.changes.inTurn(asset, () => publish(file, published, input, context))), pages };
}

async function publish(
  { received }: ReceivedFile,
  facts: PublishedFacts,
  { overwrite }: UploadWishes,
  { originals }: ApiContext,
): Promise<Omit<StoredUpload, 'pages'>> {
  const known = await originals.find({ resourceType: facts.resourceType, publicId: facts.publicId });
  if (known !== undefined && overwrite === false) {
    return { original: known, existing: true, overwritten: false };
  }
  const original = await originals.publish(received, facts);
  return { original, existing: false, overwritten: known !== undefined };
}

function publishedFacts(asset: AssetId, { format, picture, filename }: FileFacts, input: UploadWishes): PublishedFacts {
  return {
    ...asset,
    format,
    ...(picture === undefined ? {} : { width: picture.width, height: picture.height }),
    ...(filename.stem === '' ? {} : { originalFilename: filename.stem }),
    ...(input.display_name === undefined ? {} : { displayName: input.display_name }),
    ...(input.tags === undefined ? {} : { tags: input.tags }),
    ...(input.context === undefined ? {} : { context: input.context }),
  };
}

function publicIdOf({ resourceType, filename }: FileFacts, input: UploadWishes): ChosenId {
  return choosePublicId(resourceType, {
    folder: input.folder,
    publicIdPrefix: input.public_id_prefix,
    filename,
    useFilename: input.use_filename,
    uniqueFilename: input.unique_filename,
  });
}

/** What a file turned out to be. */
interface FileFacts {
  readonly resourceType: ResourceType;
  /** Canonical extension; '' when nothing tells. */
  readonly format: string;
  readonly picture: ProbedPicture | undefined;
  readonly filename: FileName;
}

interface FileWishes {
  readonly resourceType: ResourceType | 'auto';
  /** Instead of the uploader's. */
  readonly filename: string | undefined;
  /** Formats that are taken. @default all */
  readonly allowedFormats: readonly string[] | undefined;
}

/**
 * Finds out what was uploaded. An image is what the handler's probe accepts; `auto` makes everything else a raw file.
 * Videos and raw files go by the name that their uploader gave them.
 *
 * @throws {ApiError} 400 when an image was promised and the bytes are none, or when only other formats are allowed
 */
async function fileFacts(file: ReceivedFile, wishes: FileWishes, handler: Handler): Promise<FileFacts> {
  const filename = splitFilename(wishes.filename ?? file.filename ?? '');
  const named = filename.extension === '' ? formatOf(file.mediaType) : canonicalFormat(filename.extension);
  const facts = await probed(file, wishes.resourceType, named, handler);
  if (wishes.allowedFormats !== undefined) checkFormat(facts.format, wishes.allowedFormats);
  return { ...facts, filename };
}

async function probed(
  { received }: ReceivedFile,
  asked: ResourceType | 'auto',
  named: string,
  handler: Handler,
): Promise<Omit<FileFacts, 'filename'>> {
  if (asked === 'raw' || asked === 'video') return { resourceType: asked, format: named, picture: undefined };
  if (handler.probe === undefined) {
    const isImage = asked === 'image' || imageFormats.has(named);
    return { resourceType: isImage ? 'image' : 'raw', format: named, picture: undefined };
  }
  try {
    const picture = await handler.probe(received.localPath);
    return { resourceType: 'image', format: picture.format, picture };
  } catch (error) {
    if (!TransformError.is(error)) throw error;
    if (asked === 'auto' && error.code === 'invalid_original') {
      return { resourceType: 'raw', format: named, picture: undefined };
    }
    throw badRequest(error.code === 'invalid_original' ? 'Invalid image file' : `Invalid image file. ${error.message}`);
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

function splitFilename(path: string): FileName {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const plain = name.replace(/\p{Cc}/gu, '').slice(-255);
  const dot = /\.([A-Za-z0-9]{1,10})$/.exec(plain);
  if (dot === null || dot.index === 0) return { stem: plain, extension: '' };
  return { stem: plain.slice(0, dot.index), extension: (dot[1] ?? '').toLowerCase() };
}
