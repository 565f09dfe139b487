import type { CloudinaryUrl } from './cloudinary-url.ts';
import { requestOrReason } from './request-or-reason.ts';
import type { WhyOptions } from './why-options.ts';

/** An original as the Admin API describes it. */
export interface AdminResource {
  readonly exists: boolean;
  readonly version?: number;
  readonly format?: string;
  readonly width?: number;
  readonly height?: number;
  /** Transformations with which it has been delivered, as text. The Admin API does not list all of them. */
  readonly derived: readonly string[];
}

/**
 * Requests an original from the Admin API. This has no side effect on its deliveries.
 * @returns the original, or a sentence that says why it could not be looked up; `undefined` without credentials
 */
export async function adminResource(
  url: CloudinaryUrl,
  options: WhyOptions,
): Promise<AdminResource | string | undefined> {
  const { apiKey, apiSecret, apiUrl = 'https://api.cloudinary.com' } = options;
  if (!apiKey || !apiSecret) return undefined;
  const cloudName = url.cloudName ?? options.cloudName;
  if (cloudName === undefined) {
    return 'The Admin API was not requested: the URL does not name its cloud. Set the option cloudName.';
  }
  if (options.cloudName !== undefined && options.cloudName !== cloudName) {
    return `The Admin API was not requested: the key is for the cloud ${options.cloudName}, not for ${cloudName}.`;
  }
  const { resourceType, type, publicId } = url;
  const endpoint = String(apiUrl).replace(/\/+$/, '');
  const path = ['v1_1', cloudName, 'resources', resourceType, type, publicId].map(encodeURIComponent).join('/');
  const result = await requestOrReason(async (signal) => {
    const headers = { authorization: `Basic ${btoa(`${apiKey}:${apiSecret}`)}`, accept: 'application/json' };
    // After a redirect to another host, `fetch` would not send the credentials, and the response would prove nothing.
    const response = await fetch(`${endpoint}/${path}`, { headers, signal, redirect: 'error' });
    return { status: response.status, body: (await response.json().catch(() => undefined)) as unknown };
  }, options);
  if (typeof result === 'string') return `The Admin API did not respond: ${result}.`;
  const { status, body } = result;
  if (status === 404) return { exists: false, derived: [] };
  const { version, format, width, height, derived } = Object(body) as Readonly<Record<string, unknown>>;
  if (status !== 200 || typeof version !== 'number') {
    const hint = status === 401 || status === 403 ? ': key and secret are not those of this cloud' : '';
    return `The Admin API did not tell whether the original exists (${status}${hint}).`;
  }
  return {
    exists: true,
    version,
    ...(typeof format === 'string' && { format }),
    ...(typeof width === 'number' && { width }),
    ...(typeof height === 'number' && { height }),
    derived: (Array.isArray(derived) ? derived : []).map((derivation: unknown) => {
      const { transformation } = Object(derivation) as { readonly transformation?: unknown };
      return String(transformation ?? '');
    }),
  };
}
