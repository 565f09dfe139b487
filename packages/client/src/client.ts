import { type Diagnosis, expectOptions } from '@safelight/protocol';
import { type NotPromised, parseAssetRef } from './asset-ref.ts';
import { buildUnversionedUrl, deliveryPlace, type UnversionedOptions } from './delivery-url.ts';
import { type FindOptions, findAsset, findOptionPatterns } from './find.ts';
import { createHttp } from './http.ts';
import type { AssetPage, FoundPage, ImagesOptions, ListOptions, SearchOptions } from './lists/list-options.ts';
import { aFunction } from './option-patterns.ts';
import type { TransformationInput } from './transformation-input.ts';
import { uploadAll } from './upload/upload-all.ts';
import type { UploadAllOptions, UploadBody } from './upload/upload-options.ts';
import type { UploadTask } from './upload/upload-task.ts';
import type { UploadTotals } from './upload/upload-totals.ts';
import { type Uploader, type UploaderOptions, uploaderOf, uploaderOptions } from './upload/uploader.ts';
import { UploadedAsset } from './uploaded-asset.ts';
import { createWhenReady, type WhenReadyOptions } from './when-ready.ts';
import type { WhyOptions } from './why/why-options.ts';

export interface ClientOptions extends UploaderOptions {
  /**
   * Called by `dangerouslyBuildUrl` with a warning, once and in development only.
   * @default console.warn
   */
  readonly warn?: ((message: string) => void) | undefined;
}

export interface Client {
  /**
   * Uploads an original. The task has no `url`: await it, and use the asset that it resolves with. The task rejects with
   * a `SafelightError`, or with the signal's reason after an abort.
   */
  readonly upload: Uploader;
  /**
   * Uploads several files. It returns all tasks at once, in the order of the files, so that a page can list them;
   * `concurrency` of them send at a time. A task that fails or is aborted does not affect the others, so await them with
   * `Promise.allSettled(tasks)`.
   * @param options - for all files, or a function that returns the options of each file
   * @param onTotals - called with the progress of all files together, at each progress of one of them
   */
  uploadAll<Body extends UploadBody>(
    bodies: Iterable<Body>,
    options?: UploadAllOptions<Body>,
    onTotals?: (totals: UploadTotals) => void,
  ): readonly UploadTask[];
  /**
   * Makes an asset from a stored reference. It sends no request, because the version proves that the original exists.
   * @throws {SafelightError} `invalid_asset_ref`; `original_not_ready` for an upload that has not been awaited
   */
  asset<Ref>(ref: NotPromised<Ref>): UploadedAsset;
  /**
   * The current version of an original, or `undefined` when the original does not exist. It requests the control route,
   * never a delivery URL.
   *
   * Rejects with a `SafelightError`: `invalid_asset_ref`, `unsupported`, `rejected`, `network` or `protocol`.
   */
  find(publicId: string, options?: FindOptions): Promise<UploadedAsset | undefined>;
  /**
   * Waits until an original that another client uploads can be delivered. It requests only the control route: at once,
   * then less and less often (in the end every 15 s), and not while the page is hidden or offline. All calls for the
   * same asset share these requests.
   *
   * Rejects with `not_ready_in_time`, with `unsupported` when the endpoint is Cloudinary's, or with an error of `find`
   * that is not `retryable`.
   */
  whenReady(publicId: string, options?: WhenReadyOptions): Promise<UploadedAsset>;
  /**
   * Lists assets, one page. For servers: it needs key and secret, as an `Authorization` header from the option `headers`.
   *
   * Rejects with a `TypeError` for a wrong option, and with a `SafelightError`: `rejected`, `network` or `protocol`.
   */
  list(options?: ListOptions): Promise<AssetPage>;
  /**
   * Finds assets by an expression of Cloudinary's search API, such as `tags=shoe AND created_at>1d`. For servers, like
   * `list`.
   */
  search(expression: string, options?: SearchOptions): Promise<FoundPage>;
  /** Walks through all pictures with a tag or in a folder, page by page. For servers, like `list`. */
  images(options?: ImagesOptions): AsyncIterable<UploadedAsset>;
  /**
   * Explains a delivery URL (absolute, or a path of the endpoint). It has no side effect. When it cannot find the reason,
   * the verdict is `network` or `unknown`; it rejects only with the signal's reason.
   */
  why(url: string | URL, options?: Omit<WhyOptions, 'endpoint' | 'headers' | 'fetch'>): Promise<Diagnosis>;
  /**
   * A URL without a version, for an asset that may not exist yet. A request before the original exists fails, and caches
   * store that failure for some time. Prefer `(await client.find(publicId))?.url()`.
   */
  dangerouslyBuildUrl(publicId: string, transformation?: TransformationInput, options?: UnversionedOptions): string;
}

/**
 * Everything that a page or a server needs: uploads, assets with URLs, and explanations. Pages that only show pictures
 * are smaller with `createAsset()`.
 * @throws {TypeError} when an option does not exist or cannot be used; no request is sent before this check
 * @example
 * const client = createClient({ endpoint: 'https://pictures.example', cloudName: 'demo', uploadPreset: 'web' });
 * const asset = client.asset({ publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg' });
 * asset.url({ width: 300 }); // 'https://pictures.example/demo/image/upload/w_300/v1795368841/cat.jpg'
 */
export function createClient(options: ClientOptions): Client {
  expectOptions('createClient()', options, { ...uploaderOptions, warn: aFunction });
  const http = createHttp(options);
  const place = deliveryPlace(options);
  const { cloudName, warn = console.warn } = options;
  const cloud = { http, cloudName, place };
  let warned = isProduction();
  const upload = uploaderOf(options);
  const whenReady = createWhenReady({
    find: (publicId, findOptions) => findAsset(http, cloudName, publicId, { ...findOptions, retries: 0 }),
    random: options.random ?? Math.random,
  });
  return {
    upload,
    uploadAll: (bodies, uploadOptions, onTotals) => uploadAll(upload, bodies, uploadOptions, onTotals),
    asset: (ref) => UploadedAsset.of(parseAssetRef(ref), place),
    find: async (publicId, findOptions = {}) => {
      expectOptions('find()', findOptions, findOptionPatterns);
      const ref = await findAsset(http, cloudName, publicId, findOptions);
      return ref === undefined ? undefined : UploadedAsset.of(ref, place);
    },
    whenReady: async (publicId, waitOptions) => UploadedAsset.of(await whenReady(publicId, waitOptions), place),
    // Only servers call these, so no page loads them.
    list: async (options) => (await import('./lists/list-assets.ts')).listAssets(cloud, options),
    search: async (expression, options) =>
      (await import('./lists/list-assets.ts')).searchAssets(cloud, expression, options),
    images: async function* images(options) {
      yield* (await import('./lists/list-assets.ts')).allImages(cloud, options);
    },
    why: async (url, whyOptions) => {
      const { why } = await import('./why.ts');
      return why(url, {
        ...whyOptions,
        cloudinary: whyOptions?.cloudinary ?? (http.isCloudinary || undefined),
        endpoint: options.endpoint,
        headers: () => http.headers({}),
        fetch: (target, init) => http.ky(target, { ...init, retry: 0, timeout: false, throwHttpErrors: false }),
      });
    },
    dangerouslyBuildUrl: (publicId, transformation, unversioned) => {
      if (!warned) {
        warned = true;
        warn(
          `safelight: the URL of "${publicId}" has no version. A request before the upload fails, and the failure is ` +
            'cached. Use asset.url() of an upload, client.find() or client.asset().',
        );
      }
      return buildUnversionedUrl(place, publicId, transformation, unversioned);
    },
  };
}

declare const process: { readonly env: { readonly NODE_ENV?: string } };

function isProduction(): boolean {
  try {
    // Bundlers replace exactly this expression. Without a bundler, a browser has no `process`.
    return process.env.NODE_ENV === 'production';
  } catch {
    return false;
  }
}
