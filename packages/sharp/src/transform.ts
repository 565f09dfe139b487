import type { Derivative, FormatBucket, HandlerLimits } from '@safelight/core';
import type { Delivery, Transformation } from '@safelight/protocol';
import { encode } from './encode.ts';
import { type OpenSettings, openOriginal } from './open-original.ts';
import { operationsOf } from './operations.ts';
import { negotiateFormat, writtenFormats } from './output-format.ts';

/** One picture to make. It can be sent to another process. */
export interface TransformTask {
  readonly delivery: Delivery;
  /** The path of the original, or its bytes. */
  readonly input: string | Buffer;
  readonly bucket: FormatBucket | undefined;
  readonly limits: HandlerLimits;
  readonly settings: OpenSettings;
}

/** A derivative with its bytes in memory. */
export interface MadePicture extends Derivative {
  readonly body: Buffer;
}

/**
 * Opens the original, applies each step to the result of the previous one, and encodes the result.
 *
 * @throws {TransformError} when the picture cannot be made
 */
export async function transform(task: TransformTask): Promise<MadePicture> {
  const { delivery, input, bucket, limits, settings } = task;
  const { transformation, extension } = delivery;
  const plan = transformation.map((step) => ({ step, operations: operationsOf(step) }));

  const { header, picture: source } = await openOriginal(input, transformation, limits, settings);
  let picture = source;
  const operationContext = { original: picture.size, limits };
  for (const { step, operations } of plan) {
    for (const { apply } of operations) picture = await apply(picture, step, operationContext);
  }
  const format = negotiateFormat({
    format: last(transformation, 'format'),
    extension,
    stored: header.format,
    bucket,
    hasAlpha: picture.hasAlpha,
  });
  const flags = transformation.flatMap((step) => step.flags ?? []);
  const isProgressive = flags.includes('progressive');
  const output = { format, quality: last(transformation, 'quality'), isProgressive };
  const { data, info } = await encode(picture, output, limits);
  return {
    contentType: writtenFormats[format].contentType,
    format,
    body: data,
    width: info.width,
    height: info.height,
  };
}

function last<Name extends 'format' | 'quality'>(transformation: Transformation, name: Name) {
  return transformation.findLast((step) => step[name] !== undefined)?.[name];
}
