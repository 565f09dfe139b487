import type { ExpectedOptions, ResourceType } from '@safelight/protocol';
import type { CallOptions } from '../http.ts';
import { anyValue, someText } from '../option-patterns.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';

/** The members of all lists. */
export interface PageOptions extends CallOptions {
  /** The largest number of assets of the page, 1 to 500. @default 50 */
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
}

/** Which assets a list has. Give at most one of `prefix`, `tag`, `context` and `assetFolder`. */
export interface ListOptions extends PageOptions {
  /** @default 'image' */
  readonly resourceType?: ResourceType | undefined;
  /** The beginning of the public ID. */
  readonly prefix?: string | undefined;
  readonly tag?: string | undefined;
  /** A key of the context, with the value, or with any value. */
  readonly context?: { readonly key: string; readonly value?: string } | undefined;
  /** An asset folder. `resourceType` is not regarded then. */
  readonly assetFolder?: string | undefined;
  /** The order by time of upload. @default by public ID; of tags and context: `newest` */
  readonly order?: 'newest' | 'oldest' | undefined;
}

export interface SearchOptions extends PageOptions {
  /** The order, the most important field first: `[{ created_at: 'desc' }]`. @default the newest first */
  readonly sortBy?: readonly Readonly<Record<string, 'asc' | 'desc'>>[] | undefined;
}

/** Which pictures `client.images` walks through. Without `tag` and `folder`: all. */
export interface ImagesOptions extends CallOptions {
  readonly tag?: string | undefined;
  /** The folder that public IDs begin with: `shoes` has `shoes/red` and `shoes/2026/blue`. */
  readonly folder?: string | undefined;
}

/** An asset in a list, with what its owner knows of it. */
export interface FoundAsset {
  readonly asset: UploadedAsset;
  readonly tags: readonly string[];
  readonly context: Readonly<Record<string, string>>;
  readonly displayName: string;
  /** When it was uploaded. */
  readonly createdAt: Date;
}

export interface AssetPage {
  readonly assets: readonly FoundAsset[];
  /** The `after` of the next page; `undefined` on the last one. */
  readonly next: string | undefined;
}

export interface FoundPage extends AssetPage {
  /** The number of all assets that match. */
  readonly total: number;
}

const wholeNumber = /^number \d{1,3}$/;

const pagePatterns: ExpectedOptions<PageOptions> = { limit: wholeNumber, after: someText, signal: anyValue };

export const listPatterns: ExpectedOptions<ListOptions> = {
  ...pagePatterns,
  resourceType: /^string (image|video|raw)$/,
  prefix: someText,
  tag: someText,
  context: anyValue,
  assetFolder: someText,
  order: /^string (newest|oldest)$/,
};

export const searchPatterns: ExpectedOptions<SearchOptions> = { ...pagePatterns, sortBy: anyValue };

export const imagesPatterns: ExpectedOptions<ImagesOptions> = { tag: someText, folder: someText, signal: anyValue };
