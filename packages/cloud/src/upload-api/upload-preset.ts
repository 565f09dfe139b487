import { z } from 'zod';

/**
 * The settings of an upload preset. In an unsigned upload they have priority over the parameters of the request, in a
 * signed one the parameters have. Tags and context are always merged.
 */
export interface UploadPreset {
  /** The first segments of the public ID. @default none */
  readonly folder?: string;
  /** The next segment of the public ID, after the folder. @default none */
  readonly publicIdPrefix?: string;
  /** Names the asset after the uploaded file. @default false */
  readonly useFilename?: boolean;
  /** Adds random characters to the file's name. @default true */
  readonly uniqueFilename?: boolean;
  /** The `display_name` of the asset. @default the last segment of the public ID */
  readonly displayName?: string;
  /** Tags of the asset. @default none */
  readonly tags?: readonly string[];
  /** Names and values that are stored with the asset. @default none */
  readonly context?: Readonly<Record<string, string>>;
  /** Formats that are accepted, such as `jpg`; all others are refused. @default all */
  readonly allowedFormats?: readonly string[];
  /** Derivatives that are made right after the upload, such as `c_fill,w_300/jpg`. @default none */
  readonly eager?: readonly string[];
  /**
   * Whether an unsigned upload may have the URL of a file, which the server fetches if the cloud has `remoteFiles`. Signed
   * uploads always may. @default false
   */
  readonly remoteFiles?: boolean;
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
  remoteFiles: z.boolean().optional(),
});

/**
 * Returns presets by name. A map, because an object would also have the names of its prototype.
 *
 * @throws {Error} when a preset has an unknown setting, or one of a wrong type
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
