import type {
  AssetDescription,
  AssetDetails,
  AssetVersion,
  DerivedRecord,
  EagerDerivative,
  ListedAsset,
  PublicAsset,
} from '@safelight/protocol';
import { z } from 'zod';

type Loose<Shape extends z.ZodRawShape> = { [Name in keyof Shape]: z.ZodExactOptional<Shape[Name]> };

/** A schema for each member of a type. So the compiler finds a member that the schemas do not have. */
export type ShapeOf<Body> = {
  readonly [Name in keyof Body]-?: Record<never, never> extends Pick<Body, Name>
    ? z.ZodExactOptional<z.ZodType<Required<Body>[Name]>>
    : z.ZodType<Body[Name]>;
};

/** The same members, each of which may be absent. */
export function loose<Shape extends z.ZodRawShape>(shape: Shape): Loose<Shape> {
  const entries = Object.entries(shape).map(([name, schema]) => [name, z.exactOptional(schema)]);
  return Object.fromEntries(entries) as Loose<Shape>;
}

const text = z.string();
const count = z.int().min(0);
const pairs = z.record(text, z.unknown());
const texts = z.record(text, text);
const resourceType = z.enum(['image', 'video', 'raw']);

/** Of every asset, in every response. */
const ofAssets = {
  asset_id: text,
  public_id: text,
  version: z.int(),
  resource_type: resourceType,
  type: z.literal('upload'),
  created_at: text,
  bytes: count,
  url: text,
  secure_url: text,
  asset_folder: text,
  display_name: text,
};
const ofPictures = loose({ width: count, height: count, format: text });

export const assetShape: ShapeOf<AssetDescription> = {
  ...ofAssets,
  ...ofPictures,
  version_id: text,
  tags: z.array(text),
  placeholder: z.boolean(),
  ...loose({ signature: text, context: z.object({ custom: texts }), metadata: pairs }),
};

/** The members that lists add to `ofAssets`. */
const ofLists = {
  folder: text,
  filename: text,
  uploaded_at: text,
  status: z.literal('active'),
  access_mode: z.literal('public'),
  etag: text,
};
const sizes = loose({ aspect_ratio: z.number(), pixels: count });

export const listedShape: ShapeOf<Partial<ListedAsset>> = {
  ...loose({ ...ofAssets, ...ofLists, tags: z.array(text), context: pairs, metadata: pairs }),
  ...ofPictures,
  ...sizes,
};

export const derivedShape: ShapeOf<DerivedRecord> = {
  id: text,
  transformation: text,
  format: text,
  bytes: count,
  url: text,
  secure_url: text,
};

export const versionShape: ShapeOf<AssetVersion> = {
  version_id: text,
  version: text,
  format: text,
  size: count,
  time: text,
  restorable: z.boolean(),
};

export const detailsShape: ShapeOf<AssetDetails> = {
  ...assetShape,
  ...ofLists,
  ...sizes,
  derived: z.array(z.object(derivedShape)),
  ...loose({ versions: z.array(z.object(versionShape)), next_cursor: text }),
};

export const eagerShape: ShapeOf<EagerDerivative> = {
  transformation: text,
  url: text,
  secure_url: text,
  ...loose({
    status: z.enum(['processing', 'failed']),
    reason: text,
    width: count,
    height: count,
    bytes: count,
    format: text,
  }),
};

/** What every client may know of an asset. */
export const publicShape: ShapeOf<PublicAsset> = {
  public_id: text,
  resource_type: resourceType,
  type: z.literal('upload'),
  version: z.int(),
  bytes: count,
  ...ofPictures,
};
