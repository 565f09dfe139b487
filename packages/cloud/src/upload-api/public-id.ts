import { createHash, randomBytes } from 'node:crypto';
import { publicIdProblem, type ResourceType } from '@safelight/protocol';
import { badRequest } from './api-error.ts';

/** The name of a file, without folders and control characters, of at most 255 characters. Missing pieces are ''. */
export interface FileName {
  /** The name without its extension. */
  readonly stem: string;
  /** 1 to 10 letters and digits, lower case. */
  readonly extension: string;
}

/** @param path - the name that the sender gave, possibly with folders */
export function splitFilename(path: string): FileName {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const plain = name.replace(/\p{Cc}/gu, '').slice(-255);
  const dot = /\.([A-Za-z0-9]{1,10})$/.exec(plain);
  if (dot === null || dot.index === 0) return { stem: plain, extension: '' };
  return { stem: plain.slice(0, dot.index), extension: (dot[1] ?? '').toLowerCase() };
}

/** The parameters of an upload that decide its public ID. */
export interface PublicIdOptions {
  readonly publicId?: string | undefined;
  readonly folder?: string | undefined;
  readonly publicIdPrefix?: string | undefined;
  /** The name of the uploaded file. */
  readonly filename?: FileName | undefined;
  /** Whether the public ID is made from the file's name. @default false */
  readonly useFilename?: boolean | undefined;
  /** Whether random characters follow the file's name. @default true */
  readonly uniqueFilename?: boolean | undefined;
  /** A random text. The same seed gives the same random characters. @default a new one */
  readonly seed?: string | undefined;
}

export interface ChosenPublicId {
  readonly publicId: string;
  /** Whether it has 20 random characters. No asset has it then, and no client can know it before the response. */
  readonly isRandom: boolean;
}

/**
 * Chooses the public ID of an upload: the requested one, or one made from the file's name, or a random one. Folder and
 * prefix come first. Only the public IDs of raw files have an extension.
 *
 * @throws {ApiError} 400 when the ID cannot be used
 */
export function choosePublicId(resourceType: ResourceType, options: PublicIdOptions): ChosenPublicId {
  const { name, isRandom } =
    options.publicId === undefined ? generatedName(resourceType, options) : { name: options.publicId, isRandom: false };
  const segments = [options.folder, options.publicIdPrefix].map((segment) => segment?.replace(/^\/+|\/+$/g, ''));
  return { publicId: checkedPublicId([...segments.filter(Boolean), name].join('/')), isRandom };
}

/** @throws {ApiError} 400 when the ID cannot be used */
export function checkedPublicId(publicId: string): string {
  // Cloudinary replaces `//` by `/`. A delivery URL cannot contain `//`.
  const collapsed = publicId.replace(/\/{2,}/g, '/');
  const problem = publicIdProblem(collapsed);
  if (problem !== undefined) throw badRequest(`Invalid public_id. ${problem}`);
  return collapsed;
}

function generatedName(
  resourceType: ResourceType,
  { filename, useFilename, uniqueFilename, seed }: PublicIdOptions,
): { readonly name: string; readonly isRandom: boolean } {
  const { stem, extension } = filename ?? { stem: '', extension: '' };
  const suffix = resourceType === 'raw' && extension !== '' ? `.${extension}` : '';
  const usable = stem.replace(/[\s?&#\\%<>+/]+/g, '_').slice(0, 180);
  if (useFilename !== true || usable === '') return { name: randomText(20, seed) + suffix, isRandom: true };
  return { name: (uniqueFilename === false ? usable : `${usable}_${randomText(6, seed)}`) + suffix, isRandom: false };
}

/** Letters and digits, at most 40. */
function randomText(length: number, seed: string = randomBytes(16).toString('hex')): string {
  const hash = createHash('sha256').update(`public_id ${seed}`).digest('hex');
  return BigInt(`0x${hash}`).toString(36).padStart(length, '0').slice(-length);
}
