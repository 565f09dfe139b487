export type ApiOperation = 'upload' | 'explicit' | 'rename' | 'destroy' | 'resource' | 'ping' | 'why' | 'asset_status';

export interface ApiRoute {
  readonly method: 'GET' | 'POST';
  /** Path below the endpoint; `{name}` stands for one percent-encoded segment or query value. */
  readonly path: string;
  readonly summary: string;
}

/** Every operation and where it is. The first six are Cloudinary's upload and Admin API, the rest are ours. */
export const apiRoutes: Readonly<Record<ApiOperation, ApiRoute>> = {
  upload: {
    method: 'POST',
    path: '/v1_1/{cloud}/{resource_type}/upload',
    summary: 'Stores a new version of an original and clears every error about it.',
  },
  explicit: {
    method: 'POST',
    path: '/v1_1/{cloud}/{resource_type}/explicit',
    summary: 'Makes derivations ahead of time, or invalidates what is cached of an asset.',
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
  ping: { method: 'GET', path: '/v1_1/{cloud}/ping', summary: 'Answers when the API is there.' },
  why: {
    method: 'GET',
    path: '/_safelight/why?url={url}',
    summary: 'Explains a delivery URL without asking for it.',
  },
  asset_status: {
    method: 'GET',
    path: '/_safelight/assets/{resource_type}/{public_id}?cloud={cloud}',
    summary: 'Says whether an original exists and which version is current.',
  },
};

/**
 * The path of an operation, filled in and percent-encoded.
 * @throws {TypeError} naming a value that the path needs and `values` does not have
 */
export function apiPath(operation: ApiOperation, values: Readonly<Record<string, string>>): string {
  return apiRoutes[operation].path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new TypeError(`The path of ${operation} needs a value for ${name}.`);
    return encodeURIComponent(value);
  });
}
