import { z } from 'zod';
import { badRequest } from '../api-error.ts';
import type { Identity } from '../authenticate.ts';
import type { Fields } from '../fields.ts';
import { commaList, contextPairs, deliveryType, eagerList, flag, readInput, text } from '../input.ts';

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
});

/** What an unsigned upload may not decide: its preset does. Other parameters are allowed or ignored. */
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

/** Ignoring one of these would store something else than was meant, or make public what was to be restricted. */
const notOffered = ['transformation', 'format', 'access_control'];

/**
 * Reads an upload's parameters and lays its preset over (unsigned) or under (signed) them; tags and context are merged.
 *
 * @throws {ApiError} 400 naming a parameter that is wrong, not offered, or not allowed in an unsigned upload
 */
export function readUploadInput(fields: Fields, identity: Identity): UploadInput {
  const isSent = (name: string) => Boolean(fields.get(name));
  const unknown = notOffered.find(isSent);
  if (unknown !== undefined) throw badRequest(`Parameter ${unknown} is not offered here. Leave it out.`);
  const refused = identity.kind === 'preset' ? signedOnly.find(isSent) : undefined;
  if (refused !== undefined) {
    throw badRequest(`Parameter ${refused} is not allowed when using unsigned upload. Set it in the upload preset.`);
  }
  const sent = readInput(uploadInput, fields);
  const preset = presetInput(identity);
  const merged = identity.kind === 'preset' ? { ...sent, ...preset } : { ...preset, ...sent };
  return {
    ...merged,
    ...(sent.tags || preset.tags ? { tags: [...new Set([...(preset.tags ?? []), ...(sent.tags ?? [])])] } : {}),
    ...(sent.context && preset.context ? { context: mergePairs(identity, sent.context, preset.context) } : {}),
    // an unsigned upload never replaces anything, whatever its preset says
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
