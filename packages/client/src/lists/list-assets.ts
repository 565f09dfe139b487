import { type ApiPath, expectOptions, type ResourcesResponse, type SearchResponse } from '@safelight/protocol';
import { fieldsOf, readAssetResponse } from '../asset-response.ts';
import type { DeliveryPlace } from '../delivery-url.ts';
import { getJson } from '../get-json.ts';
import { type Http, readJson } from '../http.ts';
import { SafelightError } from '../safelight-error.ts';
import { UploadedAsset } from '../uploaded-asset.ts';
import {
  type AssetPage,
  type FoundAsset,
  type FoundPage,
  type ImagesOptions,
  imagesPatterns,
  type ListOptions,
  listPatterns,
  type SearchOptions,
  searchPatterns,
} from './list-options.ts';

/** The cloud that is asked. */
export interface ListedCloud {
  readonly http: Http;
  readonly cloudName: string;
  readonly place: DeliveryPlace;
}

/**
 * Lists assets, one page. It needs the headers of an administrator.
 *
 * @throws {TypeError} when an option does not exist or cannot be used
 * @throws {SafelightError} `rejected`, `network` or `protocol`
 */
export async function listAssets(cloud: ListedCloud, options: ListOptions = {}): Promise<AssetPage> {
  expectOptions('list()', options, listPatterns);
  const path = listPath(cloud.cloudName, options);
  const body = await getJson(cloud.http, path, { signal: options.signal });
  return pageOf(body, `GET ${path}`, cloud.place);
}

type ListOperation = 'resources' | 'resources_by_tag' | 'resources_by_context' | 'resources_by_asset_folder';

function listPath(cloudName: string, options: ListOptions): ApiPath<ListOperation> {
  const { prefix, tag, context, assetFolder, order, limit = 50, after, resourceType = 'image' } = options;
  const cloud = encodeURIComponent(cloudName);
  const query = new URLSearchParams({ max_results: `${limit}`, tags: 'true', context: 'true' });
  if (after !== undefined) query.set('next_cursor', after);
  if (order !== undefined) query.set('direction', order === 'newest' ? 'desc' : 'asc');
  if (context !== undefined) {
    query.set('key', context.key);
    if (context.value !== undefined) query.set('value', context.value);
    return `/v1_1/${cloud}/resources/${resourceType}/context?${query}`;
  }
  if (tag !== undefined) return `/v1_1/${cloud}/resources/${resourceType}/tags/${encodeURIComponent(tag)}?${query}`;
  if (assetFolder !== undefined) {
    query.set('asset_folder', assetFolder);
    return `/v1_1/${cloud}/resources/by_asset_folder?${query}`;
  }
  if (prefix !== undefined) query.set('prefix', prefix);
  return `/v1_1/${cloud}/resources/${resourceType}?${query}`;
}

/**
 * Finds assets by an expression of Cloudinary's search API, one page. It needs the headers of an administrator.
 *
 * @throws {TypeError} when an option does not exist or cannot be used
 * @throws {SafelightError} `rejected` (also for an expression that cannot be read), `network` or `protocol`
 */
export async function searchAssets(
  { http, cloudName, place }: ListedCloud,
  expression: string,
  options: SearchOptions = {},
): Promise<FoundPage> {
  expectOptions('search()', options, searchPatterns);
  const path: ApiPath<'search'> = `/v1_1/${encodeURIComponent(cloudName)}/resources/search`;
  const { limit = 50, after, sortBy, signal } = options;
  const pending = http.ky.post(http.url(path), {
    json: {
      expression,
      max_results: limit,
      with_field: ['tags', 'context'],
      ...(after === undefined ? {} : { next_cursor: after }),
      ...(sortBy === undefined ? {} : { sort_by: sortBy }),
    },
    headers: await http.headers({ accept: 'application/json' }),
    // A search changes nothing, so it can be repeated like a GET.
    retry: { limit: 2, methods: ['post'] },
    ...(signal ? { signal } : {}),
  });
  const body = await readJson(pending, signal);
  const { total_count: total } = fieldsOf<SearchResponse>(body);
  const page = pageOf(body, `POST ${path}`, place);
  return { ...page, total: typeof total === 'number' ? total : page.assets.length };
}

/** Walks through all pages of a list. The next page is requested when the last asset of a page was read. */
export async function* allImages(cloud: ListedCloud, options: ImagesOptions = {}): AsyncGenerator<UploadedAsset, void> {
  expectOptions('images()', options, imagesPatterns);
  const { tag, folder, signal } = options;
  if (tag !== undefined && folder !== undefined) throw new TypeError('images() takes tag or folder, not both.');
  const filter = { tag, signal, limit: 500, prefix: folder && `${folder.replace(/^\/+|\/+$/g, '')}/` };
  for (let after: string | undefined, isLast = false; !isLast; isLast = after === undefined) {
    const page = await listAssets(cloud, { ...filter, after });
    for (const { asset } of page.assets) yield asset;
    after = page.next;
  }
}

function pageOf(body: unknown, from: string, place: DeliveryPlace): AssetPage {
  const { resources, next_cursor: next } = fieldsOf<ResourcesResponse>(body);
  if (!Array.isArray(resources)) {
    throw new SafelightError('protocol', `The response to ${from} is not a list of assets.`);
  }
  return {
    assets: resources.map((entry) => foundAsset(entry, from, place)),
    next: typeof next === 'string' ? next : undefined,
  };
}

function foundAsset(entry: unknown, from: string, place: DeliveryPlace): FoundAsset {
  const { tags, context, display_name, created_at } = Object(entry) as Readonly<Record<string, unknown>>;
  const pairs = (Object(context) as { readonly custom?: unknown }).custom ?? context;
  return {
    asset: UploadedAsset.of(readAssetResponse(entry, from), place),
    tags: Array.isArray(tags) ? tags.map(String) : [],
    context: Object.fromEntries(Object.entries(Object(pairs)).map(([name, value]) => [name, String(value)])),
    displayName: String(display_name ?? ''),
    createdAt: new Date(String(created_at)),
  };
}
