import type { AssetId, PublishedFacts } from '@safelight/core';
import type { ResourceType } from '@safelight/protocol';
import { badRequest } from '../api-error.ts';
import { describeAsset } from '../asset-answer.ts';
import type { Call } from '../call.ts';
import { confirmChange } from '../confirm-change.ts';
import { eagerAnswer, parseEager } from '../eager.ts';
import { checkFormat, type FileFacts, fileFacts } from '../file-facts.ts';
import type { Progress, StoredUpload } from '../progress.ts';
import { choosePublicId, splitFilename } from '../public-id.ts';
import type { ReceivedFile } from '../submission.ts';
import type { ApiContext } from '../upload-api-options.ts';
import type { ApiAnswer } from '../write-answer.ts';
import { readUploadInput, type UploadInput } from './upload-input.ts';

/**
 * Received, probed, published, confirmed, answered: each step only after the one before. What an earlier run of the same
 * call has published is not published again.
 */
export async function upload(
  call: Call,
  context: ApiContext,
  asked: ResourceType | 'auto',
  progress: Partial<Progress>,
): Promise<ApiAnswer> {
  const input = readUploadInput(call.fields, call.identity);
  const wishes = parseEager(input.eager ?? []);
  const stored = progress.stored ?? (await store(call, context, asked, input));
  progress.stored = stored;
  const { original, existing, overwritten, pages } = stored;
  await confirmChange(context, [original], 'The upload is stored');
  // What is made right after the upload may take its time.
  call.arrival.over();
  return {
    ...describeAsset(original, call.settings),
    etag: original.etag,
    ...(pages === undefined || existing ? {} : { pages }),
    ...(existing ? { existing: true } : {}),
    ...(overwritten ? { overwritten: true } : {}),
    ...(original.originalFilename === undefined ? {} : { original_filename: original.originalFilename }),
    ...(await eagerAnswer(original, wishes, input.eager_async ?? false, context, call.settings)),
    ...(call.identity.kind === 'key' && context.apiKey !== undefined ? { api_key: context.apiKey } : {}),
  };
}

async function store(
  { file, arrival }: Call,
  context: ApiContext,
  asked: ResourceType | 'auto',
  input: UploadInput,
): Promise<StoredUpload> {
  if (file === undefined) throw badRequest('Missing required parameter - file');
  if (file.received.bytes === 0) throw badRequest('Empty file');
  const filename = plainFilename(input.filename_override ?? file.filename);
  const facts = await fileFacts(asked, file, filename, context.handler);
  checkFormat(facts.format, input.allowed_formats);
  const asset = { resourceType: facts.resourceType, publicId: publicIdOf(facts, input, filename) };

  await arrival.is(asset);
  const published = await publish(asset, file, publishedFacts(asset, facts, input, filename), input, context);
  return { ...published, pages: facts.picture?.pages };
}

function publish(
  asset: AssetId,
  file: ReceivedFile,
  facts: PublishedFacts,
  input: UploadInput,
  { originals, inTurn }: ApiContext,
): Promise<Omit<StoredUpload, 'pages'>> {
  return inTurn(asset, async () => {
    const known = await originals.find(asset);
    if (known !== undefined && input.overwrite === false)
      return { original: known, existing: true, overwritten: false };
    const original = await originals.publish(file.received, facts);
    return { original, existing: false, overwritten: known !== undefined };
  });
}

function publishedFacts(
  asset: AssetId,
  { format, picture }: FileFacts,
  input: UploadInput,
  filename: string | undefined,
): PublishedFacts {
  const { stem } = splitFilename(filename ?? '');
  return {
    ...asset,
    format,
    ...(picture === undefined ? {} : { width: picture.width, height: picture.height }),
    ...(stem === '' ? {} : { originalFilename: stem }),
    ...(input.display_name === undefined ? {} : { displayName: input.display_name }),
    ...(input.tags === undefined ? {} : { tags: input.tags }),
    ...(input.context === undefined ? {} : { context: input.context }),
  };
}

function publicIdOf({ resourceType }: FileFacts, input: UploadInput, filename: string | undefined): string {
  return choosePublicId(resourceType, {
    publicId: input.public_id,
    folder: input.folder,
    publicIdPrefix: input.public_id_prefix,
    filename,
    useFilename: input.use_filename,
    uniqueFilename: input.unique_filename,
  });
}

/** A file's name without folders and control characters, bounded. */
function plainFilename(filename: string | undefined): string | undefined {
  const name = filename?.slice(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1);
  return name?.replace(/\p{Cc}/gu, '').slice(-255) || undefined;
}
