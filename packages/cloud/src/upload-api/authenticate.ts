import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { uploadStringToSign } from '@safelight/protocol';
import { type ApiError, badRequest, unauthorized } from './api-error.ts';
import type { Fields } from './submission.ts';
import type { UploadPreset } from './upload-preset.ts';

/** The API key and secret of a cloud. */
export interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** The identity of a caller. `name` is unique: two identities never share a remembered response. */
export type Identity =
  | { readonly kind: 'key'; readonly name: string; readonly preset: UploadPreset | undefined }
  | { readonly kind: 'preset'; readonly name: string; readonly preset: UploadPreset };

export interface AuthSettings {
  /** The pairs that are valid. The first one signs responses. */
  readonly credentials: readonly Credentials[];
  readonly presets: ReadonlyMap<string, UploadPreset>;
  /** Epoch milliseconds. */
  clock(): number;
}

const signatureLifetimeSeconds = 3600;

/** The algorithms, by the length of their hex digests. */
const algorithms: ReadonlyMap<number, 'sha1' | 'sha256'> = new Map([
  [40, 'sha1'],
  [64, 'sha256'],
]);

/**
 * Checks the `Authorization` header, before the body is read.
 *
 * @returns whether the header authenticates the call; `false` without a header, or with another scheme than Basic
 * @throws {ApiError} 401 when key or secret are wrong
 */
export function hasBasicAuth(authorization: string | undefined, { credentials }: AuthSettings): boolean {
  const given = readBasic(authorization);
  if (given === undefined) return false;
  if (given.apiSecret === undefined) throw unauthorized('Basic authorization must hold an API key and an API secret');
  const { apiSecret } = knownKey(given.apiKey, credentials);
  if (!isSameSecret(given.apiSecret, apiSecret)) throw unauthorized('api_secret mismatch');
  return true;
}

/** Whether a request has a key and its secret. Always `false` when the cloud has none. */
export function isAdministrator(req: IncomingMessage, { credentials }: Pick<AuthSettings, 'credentials'>): boolean {
  const { apiKey, apiSecret } = readBasic(req.headers.authorization) ?? {};
  if (apiKey === undefined || apiSecret === undefined) return false;
  const pair = credentials.find((known) => isSameText(apiKey, known.apiKey));
  return pair !== undefined && isSameSecret(apiSecret, pair.apiSecret);
}

/**
 * Reads Basic credentials (RFC 7617).
 *
 * @returns `undefined` for another scheme, which may be for a proxy in front of this server; without a colon, no
 *   `apiSecret`
 */
function readBasic(
  authorization: string | undefined,
): (Pick<Credentials, 'apiKey'> & Partial<Credentials>) | undefined {
  const encoded = /^Basic(?: +(.*))?$/is.exec(authorization?.trim() ?? '');
  if (encoded === null) return undefined;
  const pair = Buffer.from(encoded[1] ?? '', 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? { apiKey: pair } : { apiKey: pair.slice(0, colon), apiSecret: pair.slice(colon + 1) };
}

/**
 * Finds the identity of the caller: by Basic authorization, a signature, or the preset of an unsigned upload.
 *
 * @throws {ApiError} 401 or 400, with the message of Cloudinary's API for the same mistake
 */
export function authenticate(
  call: { readonly isBasic: boolean; readonly fields: Fields; readonly mayBeUnsigned: boolean },
  settings: AuthSettings,
): Identity {
  const presetName = call.fields.get('upload_preset') || undefined;
  const isSigned = Boolean(call.fields.get('signature'));
  if (call.isBasic || isSigned) {
    if (!call.isBasic) checkSignature(call.fields, settings);
    const preset = presetName === undefined ? undefined : knownPreset(presetName, settings);
    return { kind: 'key', name: 'key', preset };
  }
  if (!call.mayBeUnsigned) throw unauthorized('Missing required parameter - signature');
  if (presetName === undefined) {
    throw badRequest('Upload preset must be specified when using unsigned upload');
  }
  return { kind: 'preset', name: `preset:${presetName}`, preset: knownPreset(presetName, settings) };
}

function checkSignature(fields: Fields, { credentials, clock }: AuthSettings): void {
  const { apiSecret } = knownKey(requiredField(fields, 'api_key'), credentials);
  const timestamp = requiredField(fields, 'timestamp');
  const signature = requiredField(fields, 'signature');
  const parameters = Object.fromEntries(fields);
  const text = uploadStringToSign(parameters, 2);
  // Without an escaped `&`, both signature versions have the same text.
  const hasOneText = !text.includes('%26') || hidesParameter(fields);
  const texts = hasOneText ? [text] : [text, uploadStringToSign(parameters, 1)];
  const algorithm = algorithms.get(signature.length);
  const candidates = algorithm === undefined ? [] : texts.map((signed) => sign(signed, apiSecret, algorithm));
  // All candidates are compared, so that the time does not reveal which one is similar.
  const matches = candidates.filter((candidate) => isSameText(signature, candidate));
  if (matches.length === 0) {
    throw unauthorized(`Invalid Signature ${signature.slice(0, 64)}. String to sign - '${text}'.`);
  }
  checkTimestamp(timestamp, clock());
}

/**
 * Whether a value contains another parameter. Version 1 of the signature joins parameters without escaping, so a
 * parameter can be moved into the value of another and the signature still matches. It is accepted only when no value
 * looks like that.
 */
function hidesParameter(fields: Fields): boolean {
  return [...fields.values()].some((value) => hiddenParameter.test(value));
}

/** A parameter inside the value of another one. */
const hiddenParameter =
  /&(?:public_ids?|public_id_prefix|from_public_id|to_public_id|type|to_type|overwrite|invalidate|folder|asset_folder|display_name|use_filename|unique_filename|filename_override|eager|eager_async|tags?|asset_id|context|metadata|allowed_formats|format|transformation|upload_preset|backup|command|timestamp)(?:\[\])?=/;

function checkTimestamp(timestamp: string, now: number): void {
  if (!/^\d{1,12}$/.test(timestamp)) throw badRequest('Invalid timestamp. Send Unix seconds.');
  const seconds = Number(timestamp);
  const ageSeconds = now / 1000 - seconds;
  const time = `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} +0000`;
  if (ageSeconds > signatureLifetimeSeconds) {
    throw badRequest(`Stale request - reported time is ${time} which is more than 1 hour ago`);
  }
  if (ageSeconds < -signatureLifetimeSeconds) {
    throw badRequest(`Invalid timestamp - reported time is ${time} which is more than 1 hour ahead`);
  }
}

/** Signs a call or a response: the hex digest of the string to sign, followed by the secret. */
export function sign(stringToSign: string, apiSecret: string, algorithm: 'sha1' | 'sha256'): string {
  return createHash(algorithm)
    .update(stringToSign + apiSecret, 'utf8')
    .digest('hex');
}

function knownKey(apiKey: string, credentials: readonly Credentials[]): Credentials {
  if (credentials.length === 0) throw unauthorized('Signed calls are not offered here: no API key is configured');
  const pair = credentials.find((known) => isSameText(apiKey, known.apiKey));
  if (pair === undefined) throw unauthorized(`Unknown API key ${apiKey.slice(0, 64)}`);
  return pair;
}

function knownPreset(name: string, { presets }: AuthSettings): UploadPreset {
  const preset = presets.get(name);
  if (preset === undefined) throw badRequest('Upload preset not found');
  return preset;
}

function requiredField(fields: Fields, name: string): string {
  const value = fields.get(name);
  if (value === undefined || value === '') throw missing(name);
  return value;
}

function missing(name: string): ApiError {
  return unauthorized(`Missing required parameter - ${name}`);
}

/** Compares in constant time: for texts of the same length, the time does not reveal where they differ. */
function isSameText(given: string, expected: string): boolean {
  const [givenBytes, expectedBytes] = [Buffer.from(given), Buffer.from(expected)];
  return givenBytes.length === expectedBytes.length && timingSafeEqual(givenBytes, expectedBytes);
}

/** Compares digests, which have the same length, so that the time does not reveal the length of the secret either. */
function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(given), digest(expected));
}
