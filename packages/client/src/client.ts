import { type Diagnosis, expectOptions } from '@safelight/protocol';
import { type NotPromised, parseAssetRef } from './asset-ref.ts';
import { buildUnversionedUrl, deliveryPlace, type UnversionedOptions } from './delivery-url.ts';
import { type FindOptions, findAsset, findOptionPatterns } from './find.ts';
import { createHttp } from './http.ts';
import { aFunction } from './option-patterns.ts';
import type { TransformationInput } from './transformation-input.ts';
import type { UploadAllOptions, UploadBody } from './upload/upload-options.ts';
import type { UploadTask } from './upload/upload-task.ts';
import { type Uploader, type UploaderOptions, uploadAll, uploaderOf, uploaderOptions } from './upload/uploader.ts';
import { UploadedAsset } from './uploaded-asset.ts';
import { createWhenReady, type WhenReadyOptions } from './when-ready.ts';
import type { WhyOptions } from './why/why-options.ts';

export interface ClientOptions extends UploaderOptions {
  /** Called by `dangerouslyBuildUrl` with a warning in development. Default `console.warn`. */
  readonly warn?: (message: string) => void;
}

export interface Client {
  /**
   * Uploads an original. The task has no `url`: await it, and use the asset that it resolves with.
   *
   * Rejects with a `SafelightError`, or with the signal's reason after an abort.
   */
  readonly upload: Uploader;
  /**
   * Uploads several files: all tasks at once, in their order, to be shown as a list; `concurrency` of them send at a
   * time. One that fails or is aborted leaves the others alone, so await them with `Promise.allSettled(tasks)`.
   * @param options for all of them, or a function that gives those of each file: its public ID, for example
   */
  uploadAll<Body extends UploadBody>(bodies: Iterable<Body>, options?: UploadAllOptions<Body>): readonly UploadTask[];
  /**
   * Makes an asset from a reference, for example from a database. It sends no request: the version is the proof that
   * the original exists.
   * @throws {SafelightError} `invalid_asset_ref`
   */
  asset<Ref>(ref: NotPromised<Ref>): UploadedAsset;
  /** The current version of an original, or `undefined` when there is none. It never requests a delivery URL. */
  find(publicId: string, options?: FindOptions): Promise<UploadedAsset | undefined>;
  /**
   * Waits until an original that another client uploads is deliverable. It requests the control route only: at once,
   * then less and less often (every 15 s in the end), and not while the page is hidden or offline. All calls for the
   * same asset share these requests.
   *
   * Rejects with `not_ready_in_time`, with `unsupported` where the endpoint is Cloudinary's, or with an error of `find`
   * that a repeat cannot mend.
   */
  whenReady(publicId: string, options?: WhenReadyOptions): Promise<UploadedAsset>;
  /**
   * Explains a delivery URL (absolute, or a path of the endpoint), without side effect. When the reason cannot be
   * found, that is a verdict too; it rejects only with the signal's reason.
   */
  why(url: string | URL, options?: Omit<WhyOptions, 'endpoint' | 'headers' | 'fetch'>): Promise<Diagnosis>;
  /**
   * A URL without a version, for an asset that may not exist yet: a request before its original exists fails, and
   * caches store that failure for a while. Prefer `(await client.find(publicId))?.url()`.
   */
  dangerouslyBuildUrl(publicId: string, transformation?: TransformationInput, options?: UnversionedOptions): string;
}

/** @throws {TypeError} at once when an option does not exist or cannot be used */
export function createClient(options: ClientOptions): Client {
  expectOptions('createClient()', options, { ...uploaderOptions, warn: aFunction });
  const http = createHttp(options);
  const place = deliveryPlace(options);
  const { cloudName, warn = console.warn } = options;
  let warned = isProduction();
  const upload = uploaderOf(options);
  const whenReady = createWhenReady({
    find: (publicId, findOptions) => findAsset(http, cloudName, publicId, { ...findOptions, retries: 0 }),
    random: options.random ?? Math.random,
  });
  return {
    upload,
    uploadAll: (bodies, uploadOptions) => uploadAll(upload, bodies, uploadOptions),
    asset: (ref) => UploadedAsset.seal(parseAssetRef(ref), place),
    find: async (publicId, findOptions = {}) => {
      expectOptions('find()', findOptions, findOptionPatterns);
      const ref = await findAsset(http, cloudName, publicId, findOptions);
      return ref === undefined ? undefined : UploadedAsset.seal(ref, place);
    },
    whenReady: async (publicId, waitOptions) => UploadedAsset.seal(await whenReady(publicId, waitOptions), place),
    why: async (url, whyOptions) => {
      const { why } = await import('./why.ts');
      return why(url, {
        ...(http.isCloudinary ? { cloudinary: true } : {}),
        ...whyOptions,
        endpoint: options.endpoint,
        headers: () => http.headers({}),
        fetch: (asked, init) => http.ky(asked, { ...init, retry: 0, timeout: false, throwHttpErrors: false }),
      });
    },
    dangerouslyBuildUrl: (publicId, transformation, unversioned) => {
      if (!warned) {
        warned = true;
        warn(
          `safelight: the URL of "${publicId}" names no version. Asked for before its original exists, it fails and the ` +
            'failure is remembered. Use asset.url() of an upload, client.find() or client.asset().',
        );
      }
      return buildUnversionedUrl(place, publicId, transformation, unversioned);
    },
  };
}

declare const process: { readonly env: { readonly NODE_ENV?: string } };

function isProduction(): boolean {
  try {
    // Bundlers replace exactly this text. Without a bundler, a browser has no `process`.
    return process.env.NODE_ENV === 'production';
  } catch {
    return false;
  }
}
