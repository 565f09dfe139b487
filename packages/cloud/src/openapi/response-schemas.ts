import type { AdminResponses, ApiErrorBody, ApiResponses } from '@safelight/protocol';
import { z } from 'zod';
import {
  assetShape,
  derivedShape,
  detailsShape,
  eagerShape,
  listedShape,
  loose,
  publicShape,
} from './asset-schemas.ts';
import { controlResponses } from './control-responses.ts';
import type { JsonSchema } from './open-api-object.ts';

/**
 * The schemas of the responses with status 200, as `<operation>_response`, and of errors. The compiler compares them with the
 * types of the responses, and a test with real responses.
 */
export function* responseSchemas(): Generator<readonly [name: string, schema: JsonSchema]> {
  const { tags, ...admin } = adminResponses();
  const named = { ...admin, list_tags: tags, ...uploadResponses(), ...controlResponses() };
  for (const [name, schema] of Object.entries(named)) yield [`${name}_response`, toJson(schema)];
  const error: z.ZodType<ApiErrorBody> = z.object({ error: z.object({ message: z.string() }) });
  yield ['error', toJson(error)];
}

function toJson(schema: z.ZodType): JsonSchema {
  // Members that a later version adds are allowed, as in the input of a schema.
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input' });
  return json;
}

const text = z.string();
const count = z.int().min(0);
const cursor = loose({ next_cursor: text });
const asset = z.object(assetShape);

type UploadResponses = Pick<
  ApiResponses,
  'upload' | 'explicit' | 'rename' | 'destroy' | 'tags' | 'context' | 'metadata' | 'destroy_by_asset_id'
>;

function uploadResponses(): { readonly [Name in keyof UploadResponses]: z.ZodType<UploadResponses[Name]> } {
  const eager = loose({ eager: z.array(z.object(eagerShape)) });
  const uploaded = z.object({
    ...assetShape,
    etag: text,
    ...eager,
    ...loose({
      pages: count,
      original_filename: text,
      overwritten: z.literal(true),
      existing: z.literal(true),
      api_key: text,
    }),
  });
  const part = z.object({
    done: z.literal(false),
    bytes: count,
    resource_type: z.enum(['image', 'video', 'raw', 'auto']),
    kind: z.literal('upload'),
    ...loose({ public_id: text }),
  });
  const existing = z.object({ ...publicShape, url: text, secure_url: text, existing: z.literal(true) });
  const destroyed = z.object({ result: z.enum(['ok', 'not found']) });
  const changed = z.object({ public_ids: z.array(text) });
  return {
    upload: z.union([uploaded, part, existing]),
    explicit: z.object({ ...assetShape, ...eager }),
    rename: asset,
    destroy: destroyed,
    destroy_by_asset_id: destroyed,
    tags: changed,
    context: changed,
    metadata: changed,
  };
}

function adminResponses(): { readonly [Name in keyof AdminResponses]: z.ZodType<AdminResponses[Name]> } {
  const page = z.object({ resources: z.array(z.object(listedShape)), ...cursor });
  const someDetails = z.object(loose(detailsShape));
  const outcome = z.record(text, z.enum(['deleted', 'not_found']));
  const deleted = z.object({
    deleted: outcome,
    deleted_counts: z.record(text, z.object({ original: count, derived: count })),
    partial: z.boolean(),
    ...cursor,
  });
  return {
    ...accountResponses(),
    ...folderResponses(),
    ...transformationResponses(),
    resource: someDetails,
    resource_by_asset_id: someDetails,
    resources: page,
    resources_by_tag: page,
    resources_by_context: page,
    resources_by_asset_folder: page,
    resources_by_asset_ids: page,
    search: z.object({ total_count: count, time: count, ...page.shape }),
    update: z.object(detailsShape),
    update_by_asset_id: z.object(detailsShape),
    delete_resources: deleted,
    delete_resources_by_tag: deleted,
    delete_resources_by_asset_ids: deleted,
    delete_derived_resources: z.object({ deleted: outcome }),
    restore: z.record(text, z.union([asset, z.object({ error: text })])),
    tags: z.object({ tags: z.array(text), ...cursor }),
  };
}

type Some<Name extends keyof AdminResponses> = { readonly [One in Name]: z.ZodType<AdminResponses[One]> };

function accountResponses(): Some<'ping' | 'config' | 'usage' | 'resource_types' | 'upload_presets' | 'upload_preset'> {
  const preset = z.object({ name: text, unsigned: z.boolean(), settings: z.record(text, z.unknown()) });
  const used = z.object({ usage: count });
  return {
    ping: z.object({ status: z.literal('ok') }),
    config: z.object({ cloud_name: text, ...loose({ settings: z.object({ folder_mode: z.literal('fixed') }) }) }),
    usage: z.object({
      plan: text,
      last_updated: text,
      transformations: z.object({ usage: count, limit: count, used_percent: z.number() }),
      objects: used,
      bandwidth: used,
      storage: used,
      requests: count,
      resources: count,
      derived_resources: count,
      media_limits: z.record(text, count),
    }),
    resource_types: z.object({ resource_types: z.array(text) }),
    upload_presets: z.object({ presets: z.array(preset), ...cursor }),
    upload_preset: preset,
  };
}

function folderResponses(): Some<'root_folders' | 'subfolders' | 'search_folders' | 'create_folder' | 'delete_folder'> {
  const folder = z.object({ name: text, path: text, external_id: text });
  const folders = z.object({ folders: z.array(folder), total_count: count, ...cursor });
  return {
    root_folders: folders,
    subfolders: folders,
    search_folders: folders.extend({ time: count }),
    create_folder: folder.extend({ success: z.literal(true) }),
    delete_folder: z.object({ deleted: z.array(text) }),
  };
}

function transformationResponses(): Some<'transformations' | 'transformation'> {
  const described = { name: text, allowed_for_strict: z.boolean(), used: z.boolean(), named: z.boolean() };
  const details = z.object({
    ...described,
    info: z.array(z.object({ raw_transformation: text })),
    derived: z.array(z.object({ ...derivedShape, public_id: text, resource_type: text })),
    ...cursor,
  });
  const list = z.object({ transformations: z.array(z.object(described)), ...cursor });
  return { transformations: z.union([list, details]), transformation: details };
}
