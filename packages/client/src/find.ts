import type { ResourceType } from '@safelight/protocol';
import { readAssetAnswer, readObject } from './asset-answer.ts';
import type { AssetRef } from './asset-ref.ts';
import { type CallOptions, getJson, type Http } from './http.ts';

export interface FindOptions extends CallOptions {
  /** Default `image`. */
  readonly resourceType?: ResourceType;
}

/**
 * Asks the control route whether an original exists and which version is current. It never touches a delivery URL, so
 * asking too early spoils nothing.
 * @returns `undefined` when there is no original
 * @throws {SafelightError} `rejected`, `network` or `protocol`
 */
export async function findAsset(
  http: Http,
  cloudName: string,
  publicId: string,
  { resourceType = 'image', ...call }: FindOptions = {},
): Promise<AssetRef | undefined> {
  const url = http.url('asset_status', { resource_type: resourceType, public_id: publicId, cloud: cloudName });
  const from = `GET ${url.pathname}`;
  const answer = readObject(await getJson(http, url, call), from);
  return answer['exists'] === false ? undefined : readAssetAnswer(answer, from);
}
