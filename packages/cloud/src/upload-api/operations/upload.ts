import type { AssetId, PublishedFacts } from '@safelight/core';
import { badRequest } from '../api-error.ts';
import { describeAsset } from '../asset-answer.ts';
import type { UploadCall } from '../call.ts';
import { eagerAnswer } from '../eager.ts';
import { type FileFacts, fileFacts } from '../file-facts.ts';
import type { Progress, StoredUpload } from '../idempotency.ts';
import type { UploadWishes } from '../input.ts';
import { choosePublicId } from '../public-id.ts';
import type { ReceivedFile } from '../read-submission.ts';
import type { ApiContext } from '../upload-api-options.ts';
import type { ApiAnswer } from '../write-answer.ts';

/**
 * Received, probed, published, confirmed, answered: each step only after the one before. What an earlier run of the same
 * call has published is not published again.
 */
export async function upload(call: UploadCall, context: ApiContext, progress: Partial<Progress>): Promise<ApiAnswer> {
  const { identity, input, settings, arrival } = call;
  const stored = progress.stored ?? (await store(call, context));
  progress.stored = stored;
  const { original, existing, overwritten, pages } = stored;
  await context.changes.confirm([original], 'The upload is stored');
  // What is made right after the upload may take its time.
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
      : await eagerAnswer(original, input.eager, { isAsync: input.eager_async, context, settings })),
    ...(identity.kind === 'key' && context.apiKey !== undefined ? { api_key: context.apiKey } : {}),
  };
}

async function store(call: UploadCall, context: ApiContext): Promise<StoredUpload> {
  const { file, input, resourceType, arrival } = call;
  if (file === undefined) throw badRequest('Missing required parameter - file');
  if (file.received.bytes === 0) throw badRequest('Empty file');
  const wishes = { resourceType, filename: input.filename_override, allowedFormats: input.allowed_formats };
  const facts = await fileFacts(file, wishes, context.handler);
  const asset = { resourceType: facts.resourceType, publicId: call.asset?.publicId ?? publicIdOf(facts, input) };

  await arrival.is(asset);
  const stored = await context.changes.inTurn(asset, () =>
    publish(file, publishedFacts(asset, facts, input), input, context),
  );
  return { ...stored, pages: facts.picture?.pages };
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

function publicIdOf({ resourceType, filename }: FileFacts, input: UploadWishes): string {
  return choosePublicId(resourceType, {
    folder: input.folder,
    publicIdPrefix: input.public_id_prefix,
    filename,
    useFilename: input.use_filename,
    uniqueFilename: input.unique_filename,
  });
}
