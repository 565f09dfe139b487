import type { AdminResource } from './admin-resource.ts';
import type { CloudinaryAnswer } from './cloudinary-answer.ts';
import type { CloudinaryUrl } from './cloudinary-url.ts';

/** What was asked about a URL, and what came of it. */
export interface CloudinaryFindings {
  readonly href: string;
  readonly url: CloudinaryUrl;
  /** Why the Admin API did not say anything. */
  readonly refusal: string | undefined;
  readonly resource: AdminResource | undefined;
  /** Of the URL itself, when it was probed; text when there was none. */
  readonly own: CloudinaryAnswer | string | undefined;
  readonly sibling?: { readonly href: string; readonly answer: CloudinaryAnswer | string };
}
