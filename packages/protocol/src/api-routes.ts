/**
 * The operations of the upload API and of Safelight's control routes, and those of the Admin API that clients of Safelight
 * call. The server routes by this table; all operations of the Admin API are in its OpenAPI document. In a path,
 * `{name}` stands for one percent-encoded segment or query value.
 */
export const apiRoutes = {
  upload: { method: 'POST', path: '/v1_1/{cloud}/{resource_type}/upload' },
  explicit: { method: 'POST', path: '/v1_1/{cloud}/{resource_type}/explicit' },
  rename: { method: 'POST', path: '/v1_1/{cloud}/{resource_type}/rename' },
  destroy: { method: 'POST', path: '/v1_1/{cloud}/{resource_type}/destroy' },
  tags: { method: 'POST', path: '/v1_1/{cloud}/{resource_type}/tags' },
  context: { method: 'POST', path: '/v1_1/{cloud}/{resource_type}/context' },
  metadata: { method: 'POST', path: '/v1_1/{cloud}/{resource_type}/metadata' },
  destroy_by_asset_id: { method: 'POST', path: '/v1_1/{cloud}/asset/destroy' },
  resource: { method: 'GET', path: '/v1_1/{cloud}/resources/{resource_type}/upload/{public_id}' },
  resources: { method: 'GET', path: '/v1_1/{cloud}/resources/{resource_type}?{query}' },
  resources_by_tag: { method: 'GET', path: '/v1_1/{cloud}/resources/{resource_type}/tags/{tag}?{query}' },
  resources_by_context: { method: 'GET', path: '/v1_1/{cloud}/resources/{resource_type}/context?{query}' },
  resources_by_asset_folder: { method: 'GET', path: '/v1_1/{cloud}/resources/by_asset_folder?{query}' },
  search: { method: 'POST', path: '/v1_1/{cloud}/resources/search' },
  ping: { method: 'GET', path: '/v1_1/{cloud}/ping' },
  why: { method: 'GET', path: '/_safelight/why?url={url}' },
  asset_status: { method: 'GET', path: '/_safelight/assets/{resource_type}/{public_id}?cloud={cloud}' },
  openapi: { method: 'GET', path: '/_safelight/openapi.json' },
  received_parts: { method: 'GET', path: '/_safelight/uploads?cloud={cloud}' },
} as const;

export type ApiOperation = keyof typeof apiRoutes;

/**
 * The path of an operation with its values filled in: `/v1_1/${string}/ping` for `ping`. A client writes its paths as
 * template literals of this type, so that the compiler compares them with the table and no page loads it.
 */
export type ApiPath<Operation extends ApiOperation> = Filled<(typeof apiRoutes)[Operation]['path']>;

type Filled<Path extends string> = Path extends `${infer Before}{${string}}${infer After}`
  ? `${Before}${string}${Filled<After>}`
  : Path;
