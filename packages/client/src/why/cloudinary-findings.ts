import type { AdminResource } from './admin-resource.ts';
import type { CloudinaryResponse } from './cloudinary-response.ts';
import type { CloudinaryUrl } from './cloudinary-url.ts';

/** The results of all requests that explain one URL. */
export interface CloudinaryFindings {
  readonly href: string;
  readonly url: CloudinaryUrl;
  /** Why the original could not be looked up with the Admin API; a sentence for the warnings. */
  readonly adminFailure: string | undefined;
  readonly resource: AdminResource | undefined;
  /** The response for the URL itself, with `probe`; a text with the reason when there was no response. */
  readonly own: CloudinaryResponse | string | undefined;
  /** The URL of `siblingOf`, and its response. */
  readonly sibling?: { readonly href: string; readonly response: CloudinaryResponse | string };
}
