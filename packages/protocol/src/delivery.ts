import type { Transformation } from './transformation.ts';

export type ResourceType = 'image' | 'video' | 'raw';

/** The picture or file that a delivery URL names. */
export interface Delivery {
  readonly cloudName: string;
  readonly resourceType: ResourceType;
  readonly publicId: string;
  /** Canonical: URLs that differ in spelling only have equal steps. */
  readonly transformation: Transformation;
  /**
   * Unix seconds of the upload; `undefined` means the newest version. `v1`, which SDKs add by themselves, also means
   * the newest.
   */
  readonly version: number | undefined;
  /**
   * The URL's extension in lower case; `undefined` when it has none. An `f_` in the transformation takes precedence.
   */
  readonly extension: string | undefined;
  /** The image that replaces a missing original (`d_`): public ID with extension. */
  readonly placeholder: string | undefined;
}
