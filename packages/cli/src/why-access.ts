import { decoded } from '@safelight/protocol';
import { usageError } from './exit-code.ts';

export interface WhyAccessOptions {
  /** Whether the URL is one of Cloudinary. */
  readonly cloudinary: boolean;
  readonly endpoint: string | undefined;
  readonly apiKey: string | undefined;
  readonly apiSecret: string | undefined;
  /** Whether the key or the secret was given as a flag. Otherwise they come from the environment. */
  readonly isFromFlag: boolean;
  /** The variable `CLOUDINARY_URL`, in the form of the official SDKs: `cloudinary://key:secret@cloud`. */
  readonly cloudinaryUrl: string | undefined;
}

/** The credentials to send. Fields are absent when the server must not get them. */
export interface WhyAccess {
  /** The `Authorization` header for a Safelight server. */
  readonly authorization?: string;
  /** The key for Cloudinary's Admin API. */
  readonly apiKey?: string;
  readonly apiSecret?: string;
  readonly cloudName?: string;
  /** The origin of the Admin API, when it is not Cloudinary's own. */
  readonly apiUrl?: string;
}

/**
 * Decides which server gets which credentials. Credentials from the environment go only to the server that `--endpoint`
 * names, because a URL from another person may name any server. Messages never repeat a secret.
 * @throws {CommandError} when the key or the secret is missing, or `CLOUDINARY_URL` cannot be read
 */
export function whyAccess(options: WhyAccessOptions): WhyAccess {
  const { cloudinary, endpoint, apiKey, apiSecret, isFromFlag, cloudinaryUrl } = options;
  if ((apiKey === undefined) !== (apiSecret === undefined)) {
    const missing = apiKey === undefined ? '--api-key' : '--api-secret';
    throw usageError(`${missing} is missing; --api-key and --api-secret belong together`);
  }
  const pair = apiKey === undefined || apiSecret === undefined ? undefined : { apiKey, apiSecret };
  if (cloudinary) return { ...readAdminAccess(cloudinaryUrl), ...(isFromFlag ? pair : {}) };
  if (pair === undefined || !(isFromFlag || endpoint !== undefined)) return {};
  return { authorization: `Basic ${Buffer.from(`${pair.apiKey}:${pair.apiSecret}`).toString('base64')}` };
}

function readAdminAccess(cloudinaryUrl: string | undefined): WhyAccess {
  if (cloudinaryUrl === undefined) return {};
  const url = URL.canParse(cloudinaryUrl) ? new URL(cloudinaryUrl) : undefined;
  const apiKey = decoded(url?.username ?? '');
  const apiSecret = decoded(url?.password ?? '');
  if (url?.protocol !== 'cloudinary:' || !apiKey || !apiSecret || url.hostname === '') {
    throw usageError('CLOUDINARY_URL is not of the form cloudinary://<key>:<secret>@<cloud>; correct or unset it');
  }
  const apiUrl = url.searchParams.get('upload_prefix');
  return { apiKey, apiSecret, cloudName: url.hostname, ...(apiUrl === null ? {} : { apiUrl }) };
}
