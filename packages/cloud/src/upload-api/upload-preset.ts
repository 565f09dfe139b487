import { z } from 'zod';

/**
 * What an upload preset fixes. In an unsigned upload it wins over the request, in a signed one the request wins; tags
 * and context are merged either way.
 */
export interface UploadPreset {
  readonly folder?: string;
  readonly publicIdPrefix?: string;
  /** Names the asset after the uploaded file. */
  readonly useFilename?: boolean;
  /** Adds random characters to a file's name. @default true */
  readonly uniqueFilename?: boolean;
  readonly displayName?: string;
  readonly tags?: readonly string[];
  readonly context?: Readonly<Record<string, string>>;
  /** Formats that are taken, such as `jpg`; all others are refused. */
  readonly allowedFormats?: readonly string[];
  /** Transformations that are made right after the upload, such as `c_fill,w_300/jpg`. */
  readonly eager?: readonly string[];
}

const presetShape = z.strictObject({
  folder: z.string().optional(),
  publicIdPrefix: z.string().optional(),
  useFilename: z.boolean().optional(),
  uniqueFilename: z.boolean().optional(),
  displayName: z.string().optional(),
  tags: z.array(z.string()).readonly().optional(),
  context: z.record(z.string(), z.string()).optional(),
  allowedFormats: z.array(z.string()).readonly().optional(),
  eager: z.array(z.string()).readonly().optional(),
});

/**
 * Presets by name, looked up without an object's prototype in the way.
 *
 * @throws {Error} when a preset holds something that no preset has
 */
export function presetMap(
  presets: Readonly<Record<string, UploadPreset>> | readonly string[],
): ReadonlyMap<string, UploadPreset> {
  if (Array.isArray(presets)) return new Map(presets.map((name: string) => [name, {}]));
  const entries = Object.entries(presets as Readonly<Record<string, UploadPreset>>);
  for (const [name, preset] of entries) {
    const checked = presetShape.safeParse(preset);
    if (!checked.success) {
      throw new Error(`uploadPresets.${name} is not an upload preset:\n${z.prettifyError(checked.error)}`);
    }
  }
  return new Map(entries);
}
