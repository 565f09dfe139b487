import type { TransformationOptions } from '@safelight/protocol';
import { z } from 'zod';
import { badRequest } from './api-error.ts';
import type { Identity } from './authenticate.ts';
import { contextPairs, maxItemLength, maxItems, maxMetadataLength, readMetadata } from './context-pairs.ts';
import { type EagerDerivation, parseEager } from './eager.ts';
import { findRefused } from './parameter-policy.ts';
import type { Fields } from './submission.ts';

/**
 * Checks the parameters of a call against the schema of the operation. Unknown parameters are ignored, as in
 * Cloudinary's API. Empty ones count as absent.
 *
 * @throws {ApiError} 400 with the first parameter that is not offered, missing or wrong
 */
export function readInput<Input>(schema: z.ZodType<Input>, fields: Fields): Input {
  const refused = findRefused(fields);
  if (refused !== undefined) throw badRequest(refused);
  const present = Object.fromEntries([...fields].filter(([, value]) => value !== ''));
  const checked = schema.safeParse(present);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const name = String(issue?.path[0] ?? '');
  if (!Object.hasOwn(present, name)) throw badRequest(`Missing required parameter - ${name}`);
  throw badRequest(`Invalid value for parameter ${name}: ${present[name]?.slice(0, 100)}. ${issue?.message}`);
}

/** `1`, `0`, `true` or `false`. SDKs send numbers on some calls and words on others. */
export const flag: z.ZodType<boolean> = z
  .enum(['1', '0', 'true', 'false'], { error: 'Expected 1, 0, true or false' })
  .transform((text) => text === '1' || text === 'true');

/** A text of at most 1024 characters. */
export const text: z.ZodType<string> = z.string().max(1_024, { error: 'Expected at most 1024 characters' });

/** Only public uploads are offered. A restricted type is refused, because the asset would be public. */
export const deliveryType: z.ZodType<'upload'> = z.literal('upload', { error: 'Only type upload is offered here' });

/** Transformations, separated by `|`. */
export const eagerList: z.ZodType<readonly string[]> = z
  .string()
  .transform((eager) => eager.split('|').filter((transformation) => transformation !== ''));

/** Texts, separated by commas, or in a list; without duplicates. */
export const commaList: z.ZodType<readonly string[]> = z
  .union([z.string(), z.array(z.string()).transform((items) => items.join(','))])
  .transform((list) => [...new Set(list.split(',').map((item) => item.trim()))].filter((item) => item !== ''))
  .refine((items) => items.length <= maxItems && items.every((item) => item.length <= maxItemLength), {
    error: `Expected at most ${maxItems} values of at most ${maxItemLength} characters`,
  });

/** Structured metadata, which is stored as it was sent. */
export const metadataText: z.ZodType<string> = z
  .string()
  .max(maxMetadataLength, { error: `Expected at most ${maxMetadataLength} characters of metadata` })
  .refine((metadata) => Object.keys(readMetadata(metadata)).length > 0, {
    error: 'Expected a JSON object, or name=value pairs, separated by |',
  });

export interface UploadInput {
  readonly public_id?: string | undefined;
  readonly public_id_prefix?: string | undefined;
  readonly folder?: string | undefined;
  readonly display_name?: string | undefined;
  readonly use_filename?: boolean | undefined;
  readonly unique_filename?: boolean | undefined;
  readonly filename_override?: string | undefined;
  readonly type?: 'upload' | undefined;
  readonly overwrite?: boolean | undefined;
  readonly invalidate?: boolean | undefined;
  readonly eager?: readonly string[] | undefined;
  readonly eager_async?: boolean | undefined;
  readonly allowed_formats?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly context?: Readonly<Record<string, string>> | undefined;
  readonly metadata?: string | undefined;
  readonly asset_folder?: string | undefined;
}

export const uploadInput: z.ZodType<UploadInput> = z.object({
  public_id: text.optional(),
  public_id_prefix: text.optional(),
  folder: text.optional(),
  display_name: text.optional(),
  use_filename: flag.optional(),
  unique_filename: flag.optional(),
  filename_override: text.optional(),
  type: deliveryType.optional(),
  overwrite: flag.optional(),
  invalidate: flag.optional(),
  eager: eagerList.optional(),
  eager_async: flag.optional(),
  allowed_formats: commaList.optional(),
  tags: commaList.optional(),
  context: contextPairs.optional(),
  metadata: metadataText.optional(),
  asset_folder: text.optional(),
});

/** The parameters of an upload, with the settings of its preset. */
export interface UploadSettings extends Omit<UploadInput, 'eager'> {
  readonly eager: readonly EagerDerivation[];
}

/** Parameters that an unsigned upload must not send. Its preset sets them. */
const signedOnly = [
  'display_name',
  'use_filename',
  'unique_filename',
  'type',
  'overwrite',
  'invalidate',
  'eager',
  'eager_async',
  'allowed_formats',
];

/**
 * Reads the parameters of an upload and applies its preset. In an unsigned upload the preset has priority, in a signed
 * one the parameters have. Tags and context are merged.
 *
 * @throws {ApiError} 400 with the parameter that is wrong, not offered, or not allowed in an unsigned upload
 */
export function readUploadInput(
  fields: Fields,
  identity: Identity,
  options: TransformationOptions = {},
): UploadSettings {
  const isSent = (name: string) => Boolean(fields.get(name));
  const sent = readInput(uploadInput, fields);
  const refused = identity.kind === 'preset' ? signedOnly.find(isSent) : undefined;
  if (refused !== undefined) {
    throw badRequest(`Parameter ${refused} is not allowed when using unsigned upload. Set it in the upload preset.`);
  }
  const preset = presetInput(identity);
  const merged = identity.kind === 'preset' ? { ...sent, ...preset } : { ...preset, ...sent };
  return {
    ...merged,
    eager: merged.eager === undefined ? [] : parseEager(merged.eager, options),
    ...(sent.tags || preset.tags ? { tags: [...new Set([...(preset.tags ?? []), ...(sent.tags ?? [])])] } : {}),
    ...(sent.context && preset.context ? { context: mergePairs(identity, sent.context, preset.context) } : {}),
    // An unsigned upload never replaces an asset.
    ...(identity.kind === 'preset' ? { overwrite: false } : {}),
  };
}

function presetInput({ preset = {} }: Identity): UploadInput {
  const entries: UploadInput = {
    public_id_prefix: preset.publicIdPrefix,
    folder: preset.folder,
    display_name: preset.displayName,
    use_filename: preset.useFilename,
    unique_filename: preset.uniqueFilename,
    eager: preset.eager,
    allowed_formats: preset.allowedFormats,
    tags: preset.tags,
    context: preset.context,
  };
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}

function mergePairs(
  identity: Identity,
  sent: Readonly<Record<string, string>>,
  preset: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return identity.kind === 'preset' ? { ...sent, ...preset } : { ...preset, ...sent };
}
