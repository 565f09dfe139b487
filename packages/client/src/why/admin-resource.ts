import type { CloudinaryUrl } from './cloudinary-url.ts';
import { question } from './question.ts';
import type { WhyOptions } from './why-options.ts';

/** The facts of the Admin API about an original. */
export interface AdminResource {
  readonly exists: boolean;
  readonly version?: number;
  readonly format?: string;
  readonly width?: number;
  readonly height?: number;
  /** The transformations that it has been delivered with, as texts; not all of them. */
  readonly derived: readonly string[];
}

/**
 * Asks the Admin API for an original, which has no side effect on its deliveries.
 * @returns `undefined` without credentials, and a sentence with the reason when there is no result
 */
export async function adminResource(
  url: CloudinaryUrl,
  options: WhyOptions,
): Promise<AdminResource | string | undefined> {
  const { apiKey, apiSecret, apiUrl = 'https://api.cloudinary.com' } = options;
  if (!apiKey || !apiSecret) return undefined;
  const cloudName = url.cloudName ?? options.cloudName;
  const isOther = options.cloudName !== undefined && options.cloudName !== cloudName;
  if (cloudName === undefined) return 'The Admin API was not asked: the URL names no cloud; give cloudName.';
  if (isOther)
    return `The Admin API was not asked: the key is that of cloud ${options.cloudName}, not of ${cloudName}.`;
  const { resourceType, type, publicId } = url;
  const base = String(apiUrl).replace(/\/+$/, '');
  const path = ['v1_1', cloudName, 'resources', resourceType, type, publicId].map(encodeURIComponent).join('/');
  const asked = await question(async (signal) => {
    const headers = { authorization: `Basic ${btoa(`${apiKey}:${apiSecret}`)}`, accept: 'application/json' };
    // After a redirect to another host the credentials would not be sent, and its response would prove nothing.
    const response = await fetch(`${base}/${path}`, { headers, signal, redirect: 'error' });
    return { status: response.status, body: (await response.json().catch(() => undefined)) as unknown };
  }, options);
  if (typeof asked === 'string') return `The Admin API could not be asked: ${asked}.`;
  const { status, body } = asked;
  if (status === 404) return { exists: false, derived: [] };
  const { version, format, width, height, derived } = Object(body) as Readonly<Record<string, unknown>>;
  if (status !== 200 || typeof version !== 'number') {
    const why = status === 401 || status === 403 ? ': key and secret are not those of this cloud' : '';
    return `The Admin API did not say whether the original exists (${status}${why}).`;
  }
  return {
    exists: true,
    version,
    ...(typeof format === 'string' && { format }),
    ...(typeof width === 'number' && { width }),
    ...(typeof height === 'number' && { height }),
    derived: (Array.isArray(derived) ? derived : []).map((one: unknown) => {
      const { transformation } = Object(one) as { readonly transformation?: unknown };
      return String(transformation ?? '');
    }),
  };
}
