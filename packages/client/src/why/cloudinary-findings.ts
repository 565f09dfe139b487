import type { AdminResource } from './admin-resource.ts';
import type { CloudinaryResponse } from './cloudinary-response.ts';
import type { CloudinaryUrl } from './cloudinary-url.ts';

/** The requests about a URL, and their results. */
export interface CloudinaryFindings {
  readonly href: string;
  readonly url: CloudinaryUrl;
  /** Why there is no result of the Admin API. */
  readonly refusal: string | undefined;
  readonly resource: AdminResource | undefined;
  /** The response for the URL itself, when it was probed; a text with the reason when there was none. */
  readonly own: CloudinaryResponse | string | undefined;
  readonly sibling?: { readonly href: string; readonly response: CloudinaryResponse | string };
}
