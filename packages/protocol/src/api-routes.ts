export type ApiOperation = 'upload' | 'explicit' | 'rename' | 'destroy' | 'resource' | 'ping' | 'why' | 'asset_status';

/** The HTTP request that calls an operation. */
export interface ApiRoute {
  readonly method: 'GET' | 'POST';
  /** Path below the endpoint; `{name}` stands for one percent-encoded segment or query value. */
  readonly path: string;
  /** One sentence that says what the operation does. */
  readonly summary: string;
}

/**
 * The route of every operation. The first six belong to Cloudinary's Upload API and Admin API
 * (cloudinary.com/documentation/image_upload_api_reference). `why` and `asset_status` are Safelight's own.
 */
export const apiRoutes: Readonly<Record<ApiOperation, ApiRoute>> = {
  upload: {
    method: 'POST',
    path: '/v1_1/{cloud}/{resource_type}/upload',
    summary: 'Stores a new version of an original and clears every error about it.',
  },
  explicit: {
    method: 'POST',
    path: '/v1_1/{cloud}/{resource_type}/explicit',
    summary: 'Makes derivatives of an asset in advance, or invalidates its cached derivatives.',
  },
  rename: {
    method: 'POST',
    path: '/v1_1/{cloud}/{resource_type}/rename',
    summary: 'Gives an asset another public ID.',
  },
  destroy: {
    method: 'POST',
    path: '/v1_1/{cloud}/{resource_type}/destroy',
    summary: 'Removes an asset.',
  },
  resource: {
    method: 'GET',
    path: '/v1_1/{cloud}/resources/{resource_type}/upload/{public_id}',
    summary: 'Describes an asset.',
  },
  ping: { method: 'GET', path: '/v1_1/{cloud}/ping', summary: 'Responds when the API is available.' },
  why: {
    method: 'GET',
    path: '/_safelight/why?url={url}',
    summary: 'Explains a delivery URL without requesting it.',
  },
  asset_status: {
    method: 'GET',
    path: '/_safelight/assets/{resource_type}/{public_id}?cloud={cloud}',
    summary: 'Says whether an original exists and which version is current.',
  },
};

/**
 * Writes the path and query of an operation.
 *
 * @param values - the text for each `{name}` of the route; it is percent-encoded here
 * @throws {TypeError} when `values` lacks a value that the path needs; the message names it
 * @example
 * apiPath('ping', { cloud: 'demo' }); // '/v1_1/demo/ping'
 * apiPath('why', { url: '/demo/image/upload/cat.jpg' }); // '/_safelight/why?url=%2Fdemo%2Fimage%2Fupload%2Fcat.jpg'
 */
export function apiPath(operation: ApiOperation, values: Readonly<Record<string, string>>): string {
  return apiRoutes[operation].path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new TypeError(`The path of ${operation} needs a value for ${name}.`);
    return encodeURIComponent(value);
  });
}
