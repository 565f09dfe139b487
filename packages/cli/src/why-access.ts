import { usageError } from './exit-code.ts';

export interface WhyAccessOptions {
  readonly cloudinary: boolean;
  readonly endpoint: string | undefined;
  readonly apiKey: string | undefined;
  readonly apiSecret: string | undefined;
  /** Whether the key or the secret was given as a flag; else they are from the environment. */
  readonly isTyped: boolean;
  /** As official SDKs read it: `cloudinary://key:secret@cloud`. */
  readonly cloudinaryUrl: string | undefined;
}

/** The credentials to send; absent for a server that must not get them. */
export interface WhyAccess {
  /** For a Safelight server. */
  readonly authorization?: string;
  /** For Cloudinary's Admin API. */
  readonly apiKey?: string;
  readonly apiSecret?: string;
  readonly cloudName?: string;
  readonly apiUrl?: string;
}

/**
 * Decides which server gets which credentials. Those of the environment go only to the server that `--endpoint` names: a
 * URL from another person may name any server, and that server must not get them. Messages never repeat a secret.
 * @throws {CommandError} when half of a pair is missing, or `CLOUDINARY_URL` cannot be read
 */
export function whyAccess(options: WhyAccessOptions): WhyAccess {
  const { cloudinary, endpoint, apiKey, apiSecret, isTyped, cloudinaryUrl } = options;
  if ((apiKey === undefined) !== (apiSecret === undefined)) {
    const missing = apiKey === undefined ? '--api-key' : '--api-secret';
    throw usageError(`${missing} is missing; --api-key and --api-secret belong together`);
  }
  const pair = apiKey === undefined || apiSecret === undefined ? undefined : { apiKey, apiSecret };
  if (cloudinary) return { ...readCloudinaryUrl(cloudinaryUrl), ...(isTyped ? pair : {}) };
  if (pair === undefined || !(isTyped || endpoint !== undefined)) return {};
  return { authorization: `Basic ${Buffer.from(`${pair.apiKey}:${pair.apiSecret}`).toString('base64')}` };
}

function readCloudinaryUrl(text: string | undefined): WhyAccess {
  if (text === undefined) return {};
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'cloudinary:' || url.username === '' || url.password === '' || url.hostname === '') {
    throw usageError('CLOUDINARY_URL is not of the form cloudinary://<key>:<secret>@<cloud>; correct or unset it');
  }
  const apiUrl = url.searchParams.get('upload_prefix');
  return {
    apiKey: decodeURIComponent(url.username),
    apiSecret: decodeURIComponent(url.password),
    cloudName: url.hostname,
    ...(apiUrl === null ? {} : { apiUrl }),
  };
}
