import type { Diagnosis } from '@safelight/protocol';
import { untilAborted } from '../until-aborted.ts';
import { type AdminResource, adminResource } from './admin-resource.ts';
import { bareDiagnosis } from './bare-diagnosis.ts';
import { cloudinaryDiagnosis } from './cloudinary-diagnosis.ts';
import type { CloudinaryFindings } from './cloudinary-findings.ts';
import { type CloudinaryResponse, readCloudinaryResponse } from './cloudinary-response.ts';
import { type CloudinaryUrl, readCloudinaryUrl, siblingOf } from './cloudinary-url.ts';
import { recentDiagnosis } from './recent-diagnoses.ts';
import { requestOrReason } from './request-or-reason.ts';
import type { WhyOptions } from './why-options.ts';

/**
 * Explains a URL of Cloudinary, which caches errors under the exact URL and has no route that tells them. With
 * credentials it requests the Admin API. To find the rest, it sends a HEAD for an equivalent URL of the same picture. It
 * requests the URL itself only with `probe`, because a request after its error has expired may start the next period. A
 * diagnosis is cached for 60 s.
 * @throws {TypeError} when only one of `apiKey` and `apiSecret` is given, and for `apiSecret` in a page
 */
export async function askCloudinary(target: URL, options: WhyOptions): Promise<Diagnosis> {
  const { apiKey, apiSecret, probe, apiUrl, cloudName, clock = Date.now, signal } = options;
  if (!apiKey !== !apiSecret) {
    throw new TypeError(
      `why() has ${apiKey ? 'apiKey without apiSecret' : 'apiSecret without apiKey'}. Give both, or neither.`,
    );
  }
  if (apiSecret && typeof document !== 'undefined') {
    throw new TypeError(
      'why() has apiSecret in a page, where every visitor can read it. Remove it, or call why() on a server.',
    );
  }
  signal?.throwIfAborted();
  const { href } = target;
  const url = readCloudinaryUrl(target);
  if (url === undefined) {
    const mistake = 'It is not a URL of an uploaded image, video or raw file (/<cloud>/image/upload/…)';
    return bareDiagnosis(href, 'unknown', `${mistake}, so it cannot be compared with an equivalent URL.`);
  }
  const key = JSON.stringify([href, probe, apiKey, apiUrl, cloudName]);
  // Other callers may wait for the same diagnosis, so an abort ends only this call and not the requests.
  const { signal: _, ...withoutSignal } = options;
  const diagnosis = recentDiagnosis(key, clock(), () => diagnose(href, url, withoutSignal));
  return signal ? untilAborted(signal, diagnosis) : diagnosis;
}

async function diagnose(href: string, url: CloudinaryUrl, options: WhyOptions): Promise<Diagnosis> {
  const admin = await adminResource(url, options);
  const adminFailure = typeof admin === 'string' ? admin : undefined;
  const resource = typeof admin === 'string' ? undefined : admin;
  const own = options.probe === true ? await head(href, options) : undefined;
  const findings: CloudinaryFindings = { href, url, adminFailure, resource, own };
  if (own !== undefined && isDelivered(own)) return cloudinaryDiagnosis(findings);
  if (resource !== undefined && (!resource.exists || isKnownToExist(findings, resource))) {
    return cloudinaryDiagnosis(findings);
  }
  const sibling = siblingOf(url);
  return cloudinaryDiagnosis({ ...findings, sibling: { href: sibling, response: await head(sibling, options) } });
}

async function head(href: string, options: WhyOptions): Promise<CloudinaryResponse | string> {
  const result = await requestOrReason((signal) => fetch(href, { method: 'HEAD', signal }), options);
  return typeof result === 'string' ? result : readCloudinaryResponse(result);
}

function isDelivered(response: CloudinaryResponse | string): boolean {
  return typeof response === 'object' && response.status < 300 && response.error === undefined;
}

/** Whether the picture was delivered before, or is the unchanged original. Then only a cached error can make it fail. */
function isKnownToExist(
  { href, url: { components } }: CloudinaryFindings,
  { format, derived }: AdminResource,
): boolean {
  const { pathname } = new URL(href);
  if (components.length > 0) return derived.includes(components.join('/'));
  return format !== undefined && pathname.endsWith(`.${format}`);
}
