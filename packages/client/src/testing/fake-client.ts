import { type Diagnosis, expectOptions } from '@safelight/protocol';
import { type AssetRef, parseAssetRef } from '../asset-ref.ts';
import type { Client } from '../client.ts';
import { buildUnversionedUrl, deliveryPlace, placeOptions } from '../delivery-url.ts';
import { aBoolean, aFunction, anyValue } from '../option-patterns.ts';
import { uploadAll } from '../upload/upload-all.ts';
import { expectUploadOptions, type UploadBody, type UploadOptions } from '../upload/upload-options.ts';
import { UploadedAsset } from '../uploaded-asset.ts';
import { bareDiagnosis } from '../why/bare-diagnosis.ts';
import { createFakeAssets } from './fake-assets.ts';
import { createFakeLists } from './fake-lists.ts';
import { type FakeUpload, startFakeUpload } from './fake-upload.ts';

export interface FakeClientOptions {
  /** The origin of the URLs. @default 'https://pictures.example' */
  readonly endpoint?: string | URL | undefined;
  /** @default 'demo' */
  readonly cloudName?: string | undefined;
  /** @default `endpoint` */
  readonly deliveryUrl?: string | URL | undefined;
  /** The assets that exist from the beginning. */
  readonly assets?: readonly AssetRef[] | undefined;
  /**
   * Whether an upload waits for the test: for `finish()` or `fail()` of its entry in `uploads`. Otherwise it succeeds by
   * itself.
   * @default false
   */
  readonly holdUploads?: boolean | undefined;
  /** What `why` finds out about a URL. @default the verdict `ok` for assets that exist, otherwise `missing_original` */
  readonly diagnose?: ((url: string) => Partial<Diagnosis>) | undefined;
}

/** A client without a server, and the controls for a test. */
export interface FakeClient extends Client {
  /** All uploads that were started, the first one first. */
  readonly uploads: readonly FakeUpload[];
  /** Stores an asset, as an upload of another client does: `find` finds it, and `whenReady` resolves. */
  addAsset(ref: AssetRef): UploadedAsset;
}

/**
 * A `Client` for the tests of applications. It sends no request: uploads and assets are in memory, and have the types,
 * the URLs and the errors of the real client. It needs nothing of a browser but `Blob`.
 * @throws {TypeError} when an option does not exist or cannot be used
 * @throws {SafelightError} `invalid_asset_ref` for one of `assets`
 * @example
 * const client = createFakeClient({ holdUploads: true });
 * const task = client.upload(new Blob(['…']), { publicId: 'cat' });
 * client.uploads[0]?.progress(1);
 * client.uploads[0]?.finish({ width: 1200, height: 800 });
 * (await task).url({ width: 300 }); // 'https://pictures.example/demo/image/upload/w_300/v1700000001/cat.jpg'
 */
export function createFakeClient(options: FakeClientOptions = {}): FakeClient {
  expectOptions('createFakeClient()', options, {
    ...placeOptions,
    assets: anyValue,
    holdUploads: aBoolean,
    diagnose: aFunction,
  });
  const { endpoint = 'https://pictures.example', cloudName = 'demo', deliveryUrl, holdUploads, diagnose } = options;
  const place = deliveryPlace({ endpoint, cloudName, ...(deliveryUrl && { deliveryUrl }) });
  const assets = createFakeAssets(place);
  const uploads: FakeUpload[] = [];
  for (const ref of options.assets ?? []) assets.add(ref);

  function upload(body: UploadBody, uploadOptions: UploadOptions = {}) {
    expectUploadOptions(uploadOptions);
    const started = startFakeUpload(body, uploadOptions, (file, given) => assets.addUpload(file, uploadOptions, given));
    uploads.push(started);
    if (!holdUploads) started.finish();
    return started.task;
  }

  return {
    uploads,
    addAsset: assets.add,
    upload,
    uploadAll: (bodies, uploadOptions, onTotals) => uploadAll(upload, bodies, uploadOptions, onTotals),
    asset: (ref) => UploadedAsset.of(parseAssetRef(ref), place),
    find: async (publicId, { resourceType, signal } = {}) => {
      signal?.throwIfAborted();
      return assets.find(publicId, resourceType);
    },
    whenReady: (publicId, waitOptions) => assets.whenReady(publicId, waitOptions),
    ...createFakeLists(assets.all),
    why: async (url) => {
      const exists = assets.hasUrl(`${url}`);
      const [verdict, status] = exists ? (['ok', 200] as const) : (['missing_original', 404] as const);
      return bareDiagnosis(`${url}`, verdict, 'A fake client has made this diagnosis.', {
        status,
        original: { exists },
        ...diagnose?.(`${url}`),
      });
    },
    dangerouslyBuildUrl: (publicId, transformation, unversioned) =>
      buildUnversionedUrl(place, publicId, transformation, unversioned),
  };
}
