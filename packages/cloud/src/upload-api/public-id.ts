import { randomInt } from 'node:crypto';
import { publicIdProblem, type ResourceType } from '@safelight/protocol';
import { badRequest } from './api-error.ts';

/** A file's name without folders, control characters and extension, bounded; '' for what it does not have. */
export interface FileName {
  readonly stem: string;
  /** 1 to 10 letters and digits, lower case. */
  readonly extension: string;
}

export interface PublicIdWishes {
  readonly publicId?: string | undefined;
  readonly folder?: string | undefined;
  readonly publicIdPrefix?: string | undefined;
  /** The file's. */
  readonly filename?: FileName | undefined;
  /** @default false */
  readonly useFilename?: boolean | undefined;
  /** @default true */
  readonly uniqueFilename?: boolean | undefined;
}

export interface ChosenId {
  readonly publicId: string;
  /** It has 20 random characters: no asset has it, and no client can know it before the response. */
  readonly isRandom: boolean;
}

/**
 * The public ID of an upload: the one that is asked for, else one made of the file's name, else a random one; always
 * behind its folder and prefix. Only raw files have their extension in it.
 *
 * @throws {ApiError} 400 when the ID cannot be used
 */
export function choosePublicId(resourceType: ResourceType, wishes: PublicIdWishes): ChosenId {
  const { name, isRandom } =
    wishes.publicId === undefined ? generatedName(resourceType, wishes) : { name: wishes.publicId, isRandom: false };
  const segments = [wishes.folder, wishes.publicIdPrefix].map((segment) => segment?.replace(/^\/+|\/+$/g, ''));
  return { publicId: checkedPublicId([...segments.filter(Boolean), name].join('/')), isRandom };
}

/** @throws {ApiError} 400 when it cannot be used */
export function checkedPublicId(publicId: string): string {
  // Cloudinary collapses doubled slashes (delivery URLs cannot carry them)
  const collapsed = publicId.replace(/\/{2,}/g, '/');
  const problem = publicIdProblem(collapsed);
  if (problem !== undefined) throw badRequest(`Invalid public_id. ${problem}`);
  return collapsed;
}

function generatedName(
  resourceType: ResourceType,
  { filename, useFilename, uniqueFilename }: PublicIdWishes,
): { readonly name: string; readonly isRandom: boolean } {
  const { stem, extension } = filename ?? { stem: '', extension: '' };
  const suffix = resourceType === 'raw' && extension !== '' ? `.${extension}` : '';
  const usable = stem.replace(/[\s?&#\\%<>+/]+/g, '_').slice(0, 180);
  if (useFilename !== true || usable === '') return { name: randomText(20) + suffix, isRandom: true };
  return { name: (uniqueFilename === false ? usable : `${usable}_${randomText(6)}`) + suffix, isRandom: false };
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

function randomText(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
