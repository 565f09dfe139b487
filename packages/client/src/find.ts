import {
  type ApiPath,
  type AssetStatus,
  checkParts,
  type ExpectedOptions,
  type ResourceType,
} from '@safelight/protocol';
import type { AssetRef } from './asset-ref.ts';
import { fieldsOf, readAssetResponse } from './asset-response.ts';
import { type GetOptions, getJson } from './get-json.ts';
import type { Http } from './http.ts';
import { anyValue } from './option-patterns.ts';
import { SafelightError, withErrorCode } from './safelight-error.ts';

export interface FindOptions extends Pick<GetOptions, 'signal'> {
  /** @default 'image' */
  readonly resourceType?: ResourceType | undefined;
}

export const findOptionPatterns: ExpectedOptions<FindOptions> = { resourceType: anyValue, signal: anyValue };

/**
 * Requests the control route, to find out whether an original exists and which version is current. It never requests a
 * delivery URL, so a call before the original exists causes no cached error.
 * @returns `undefined` when the original does not exist
 * @throws {SafelightError} `invalid_asset_ref`, `unsupported`, `rejected`, `network` or `protocol`
 */
export async function findAsset(
  http: Http,
  cloudName: string,
  publicId: string,
  { resourceType = 'image', ...get }: FindOptions & GetOptions = {},
): Promise<AssetRef | undefined> {
  if (http.isCloudinary) {
    throw new SafelightError(
      'unsupported',
      'Without the API secret Cloudinary does not tell whether an asset exists.',
      {
        hint: "Store the upload's response, or request the Admin API from your server.",
      },
    );
  }
  withErrorCode('invalid_asset_ref', () => checkParts({ publicId, resourceType }));
  const id = encodeURIComponent(publicId);
  const path: ApiPath<'asset_status'> = `/_safelight/assets/${resourceType}/${id}?cloud=${encodeURIComponent(cloudName)}`;
  const body = await getJson(http, path, get);
  return fieldsOf<AssetStatus>(body).exists === false ? undefined : readAssetResponse(body, `GET ${path}`);
}
