import type { ResourceType } from '@safelight/protocol';
import { type AssetRef, parseAssetRef } from '../asset-ref.ts';
import type { DeliveryPlace } from '../delivery-url.ts';
import { SafelightError } from '../safelight-error.ts';
import { pause } from '../upload/pause.ts';
import type { UploadOptions } from '../upload/upload-options.ts';
import { UploadedAsset } from '../uploaded-asset.ts';
import type { WhenReadyOptions } from '../when-ready.ts';

/** The assets of a fake client, in memory. */
export interface FakeAssets {
  add(ref: AssetRef): UploadedAsset;
  /** Stores a file as the server would, with an ID and a version of its own. @param given - replaces fields */
  addUpload(file: Blob, options: UploadOptions, given: Partial<AssetRef>): UploadedAsset;
  find(publicId: string, resourceType?: ResourceType): UploadedAsset | undefined;
  all(): readonly UploadedAsset[];
  whenReady(publicId: string, options?: WhenReadyOptions): Promise<UploadedAsset>;
  /** Whether a delivery URL names the public ID of an asset. */
  hasUrl(url: string): boolean;
}

/** Versions count from here, so that each run of a test sees the same URLs. */
const firstVersion = 1_700_000_001;

export function createFakeAssets(place: DeliveryPlace): FakeAssets {
  const assets = new Map<string, UploadedAsset>();
  /** Each looks for its asset again. */
  const waiting = new Set<() => void>();
  let uploaded = 0;

  function add(ref: AssetRef): UploadedAsset {
    const asset = UploadedAsset.of(parseAssetRef(ref), place);
    assets.set(`${asset.resourceType}/${asset.publicId}`, asset);
    for (const look of waiting) look();
    return asset;
  }
  const find = (publicId: string, resourceType: ResourceType = 'image') => assets.get(`${resourceType}/${publicId}`);

  return {
    add,
    find,
    all: () => [...assets.values()],
    addUpload(file, { publicId = `upload-${uploaded + 1}`, resourceType = 'auto' }, given) {
      const [, kind, subtype = ''] = /^(image|video)\/([a-z\d]+)/.exec(file.type || 'image/jpeg') ?? [];
      const type = resourceType === 'auto' ? ((kind as 'image' | 'video' | undefined) ?? 'raw') : resourceType;
      const format = type === 'raw' ? '' : subtype.replace('jpeg', 'jpg');
      const version = firstVersion + uploaded++;
      return add({ publicId, version, resourceType: type, format, bytes: file.size, ...given });
    },
    async whenReady(publicId, { resourceType, timeoutMs = 300_000, newerThan = 0, signal } = {}) {
      const settled = new AbortController();
      let look = (): void => undefined;
      const arrived = new Promise<UploadedAsset>((resolve) => {
        look = () => {
          const asset = find(publicId, resourceType);
          if (asset !== undefined && asset.version > newerThan) resolve(asset);
        };
      });
      waiting.add(look);
      look();
      const signals = signal === undefined ? [settled.signal] : [settled.signal, signal];
      const late = pause(timeoutMs, AbortSignal.any(signals)).then(() => {
        throw new SafelightError('not_ready_in_time', `"${publicId}" was not ready within ${timeoutMs} ms.`, {
          retryable: true,
          publicId,
        });
      });
      return Promise.race([arrived, late]).finally(() => {
        waiting.delete(look);
        settled.abort();
      });
    },
    hasUrl: (url) => {
      const { pathname } = new URL(url, place.url);
      return [...assets.values()].some(({ publicId }) => pathname.includes(`/${encodeURI(publicId)}`));
    },
  };
}
