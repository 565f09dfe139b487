import assert from 'node:assert/strict';
import { type AssetRef, createClient, type UploadedAsset } from '@safelight/client';
import sharp from 'sharp';
import { startSite } from '../../../../test/browsers/site.ts';

export interface PictureSite {
  /** The options of a loader for the server. */
  readonly place: { readonly endpoint: string; readonly cloudName: string };
  /** An asset of the given size that this server delivers. */
  put(publicId: string, size: { readonly width: number; readonly height: number }): Promise<UploadedAsset>;
  close(): Promise<void>;
}

export interface Candidate {
  readonly url: string;
  /** `300w`, `2x`; empty without a descriptor. */
  readonly descriptor: string;
}

/** A server for tests that check only text; it gets no request. */
export const anyPlace = { endpoint: 'http://localhost:3000', cloudName: 'demo' } as const;

/** A reference from a database: plain data. */
export const cat: AssetRef = {
  publicId: 'pets/cat',
  version: 1795368841,
  resourceType: 'image',
  format: 'png',
  width: 600,
  height: 400,
};

/** A real server with pictures for loaders. */
export async function startPictureSite(): Promise<PictureSite> {
  const site = await startSite();
  const place = { endpoint: site.origin, cloudName: 'demo' };
  return {
    place,
    async put(publicId, size) {
      await site.put(publicId, size);
      const asset = await createClient(place).find(publicId);
      assert.ok(asset, `${publicId} has just been published`);
      return asset;
    },
    close: () => site.close(),
  };
}

/** Reads a `srcset` like a browser: a URL ends at white space and may contain commas. */
export function candidatesIn(srcset: string | undefined): readonly Candidate[] {
  return (srcset?.split(/,\s+/) ?? []).map((part) => {
    const [url = '', descriptor = ''] = part.trim().split(/\s+/);
    return { url, descriptor };
  });
}

/** Requests a URL and reads its picture; the response must be one that caches may store for ever. */
export async function lookAt(url: string, asset: AssetRef): Promise<{ width: number; height: number; type: string }> {
  assert.match(new URL(url).pathname, new RegExp(`/v${asset.version}/`), `no true version in ${url}`);
  const response = await fetch(url, { headers: { accept: 'image/webp,image/*' } });
  assert.equal(response.status, 200, `${url}: ${response.headers.get('x-cld-error')}`);
  assert.match(response.headers.get('cache-control') ?? '', /immutable/);
  const { width, height } = await sharp(await response.bytes()).metadata();
  return { width, height, type: response.headers.get('content-type') ?? '' };
}
