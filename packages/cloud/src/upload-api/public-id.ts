import { randomInt } from 'node:crypto';
import { publicIdProblem, type ResourceType } from '@safelight/protocol';
import { badRequest } from './api-error.ts';
import type { FileName } from './file-facts.ts';

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

/**
 * The public ID of an upload: the one that is asked for, else one made of the file's name, else a random one; always
 * behind its folder and prefix. Only raw files have their extension in it.
 *
 * @throws {ApiError} 400 when the ID cannot be used
 */
export function choosePublicId(resourceType: ResourceType, wishes: PublicIdWishes): string {
  const name = wishes.publicId ?? generatedName(resourceType, wishes);
  const segments = [wishes.folder, wishes.publicIdPrefix].map((segment) => segment?.replace(/^\/+|\/+$/g, ''));
  return checkedPublicId([...segments.filter(Boolean), name].join('/'));
}

/** @throws {ApiError} 400 when it cannot be used */
export function checkedPublicId(publicId: string): string {
  // Cloudinary collapses doubled slashes (delivery URLs cannot carry them)
  const collapsed = publicId.replace(/\/{2,}/g, '/');
  const problem = publicIdProblem(collapsed);
  if (problem !== undefined) throw badRequest(`Invalid public_id. ${problem}`);
  return collapsed;
}

function generatedName(resourceType: ResourceType, { filename, useFilename, uniqueFilename }: PublicIdWishes): string {
  const { stem, extension } = filename ?? { stem: '', extension: '' };
  const suffix = resourceType === 'raw' && extension !== '' ? `.${extension}` : '';
  const usable = stem.replace(/[\s?&#\\%<>+/]+/g, '_').slice(0, 180);
  if (useFilename !== true || usable === '') return randomText(20) + suffix;
  return (uniqueFilename === false ? usable : `${usable}_${randomText(6)}`) + suffix;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

function randomText(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
