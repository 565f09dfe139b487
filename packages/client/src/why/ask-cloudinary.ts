import type { Diagnosis } from '@safelight/protocol';
import { type AdminResource, adminResource } from './admin-resource.ts';
import { bareDiagnosis } from './bare-diagnosis.ts';
import { cloudinaryDiagnosis } from './cloudinary-diagnosis.ts';
import type { CloudinaryFindings } from './cloudinary-findings.ts';
import { type CloudinaryResponse, readCloudinaryResponse } from './cloudinary-response.ts';
import { type CloudinaryUrl, readCloudinaryUrl, siblingOf } from './cloudinary-url.ts';
import { question } from './question.ts';
import { recentReport } from './recent-reports.ts';
import type { WhyOptions } from './why-options.ts';

/**
 * Explains a URL of Cloudinary, which caches errors under the exact URL and does not tell which errors. It asks the
 * Admin API with credentials, and sends a HEAD for another spelling of the same picture to find the rest. It requests
 * the URL itself only with `probe`, since a request after its error has expired begins the next period. A report is
 * cached for 60 s.
 * @throws {TypeError} for half a pair of credentials, and for a secret in a page
 */
export async function askCloudinary(asked: URL, options: WhyOptions): Promise<Diagnosis> {
  const { apiKey, apiSecret, probe, apiUrl, cloudName, clock = Date.now, signal } = options;
  if (!apiKey !== !apiSecret) {
    throw new TypeError(
      `why() got ${apiKey ? 'apiKey without apiSecret' : 'apiSecret without apiKey'}; they belong together.`,
    );
  }
  if (apiSecret && typeof document !== 'undefined') {
    throw new TypeError(
      'why() got apiSecret in a page, where every visitor can read it. Leave it out, or ask from a server.',
    );
  }
  signal?.throwIfAborted();
  const { href } = asked;
  const url = readCloudinaryUrl(asked);
  if (url === undefined) {
    const what = 'It is not a URL of an uploaded image, video or raw file (/<cloud>/image/upload/…)';
    return bareDiagnosis(href, 'unknown', `${what}: only those have another spelling to compare with.`);
  }
  const key = JSON.stringify([href, probe, apiKey, apiUrl, cloudName]);
  // Other callers may wait for the same report, so an abort ends only this call and not the requests.
  const { signal: _, ...unhurried } = options;
  const report = recentReport(key, clock(), () => investigate(href, url, unhurried));
  return until(report, signal);
}

async function investigate(href: string, url: CloudinaryUrl, options: WhyOptions): Promise<Diagnosis> {
  const about = { href, url };
  const admin = await adminResource(url, options);
  const refusal = typeof admin === 'string' ? admin : undefined;
  const resource = typeof admin === 'string' ? undefined : admin;
  const own = options.probe === true ? await head(href, options) : undefined;
  const known: CloudinaryFindings = { ...about, refusal, resource, own };
  if (own !== undefined && isDelivered(own)) return cloudinaryDiagnosis(known);
  if (resource !== undefined && (!resource.exists || wasMade(about, resource))) return cloudinaryDiagnosis(known);
  const sibling = siblingOf(url);
  return cloudinaryDiagnosis({ ...known, sibling: { href: sibling, response: await head(sibling, options) } });
}

async function head(href: string, options: WhyOptions): Promise<CloudinaryResponse | string> {
  const asked = await question((signal) => fetch(href, { method: 'HEAD', signal }), options);
  return typeof asked === 'string' ? asked : readCloudinaryResponse(asked);
}

function isDelivered(response: CloudinaryResponse | string): boolean {
  return typeof response === 'object' && response.status < 300 && response.error === undefined;
}

/** Whether it was delivered before, or is the unchanged original: then only a cached error can be wrong with it. */
function wasMade(
  { href, url: { components } }: { readonly href: string; readonly url: CloudinaryUrl },
  { format, derived }: AdminResource,
): boolean {
  const { pathname } = new URL(href);
  if (components.length > 0) return derived.includes(components.join('/'));
  return format !== undefined && pathname.endsWith(`.${format}`);
}

function until<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
