import type { Transformation } from './transformation.ts';

export type ResourceType = 'image' | 'video' | 'raw';

/** What one delivery URL names. */
export interface Delivery {
  readonly cloudName: string;
  readonly resourceType: ResourceType;
  readonly publicId: string;
  /** Canonical: two spellings of one picture have equal steps. */
  readonly transformation: Transformation;
  /** Unix seconds of one upload; `undefined` means the newest (`v1`, which SDKs write on their own, means that too). */
  readonly version: number | undefined;
  /** The URL's extension, lower case; `undefined` when it has none. An `f_` in the transformation goes before it. */
  readonly extension: string | undefined;
  /** The image that a `d_` parameter names instead of a missing one: public ID with extension. */
  readonly placeholder: string | undefined;
}
