import { apiRoutes, decoded, type ResourceType } from '@safelight/protocol';
import { type AdminMatch, adminMethods, findAdminOperation } from '../admin-api/admin-route.ts';
import { ApiError } from './api-error.ts';
import { insteadOf } from './operations-not-offered.ts';

/** The operation of a request below `/v1_1/`. */
export type FoundRoute =
  | PostRoute
  | AdminRoute
  /** A call for another cloud. */
  | { readonly operation: 'elsewhere'; readonly cloudName: string }
  /** An operation that this API does not offer. */
  | { readonly operation: 'refused'; readonly refusal: ApiError };

export type PostRoute = UploadRoute | AssetRoute | CommandRoute | AssetIdRoute;

export interface UploadRoute {
  readonly operation: 'upload';
  readonly method: 'POST';
  readonly resourceType: ResourceType | 'auto';
}

/** An operation on an existing asset. */
export interface AssetRoute {
  readonly operation: 'explicit' | 'rename' | 'destroy';
  readonly method: 'POST';
  readonly resourceType: ResourceType;
}

/** A command for several assets. */
export interface CommandRoute {
  readonly operation: 'tags' | 'context' | 'metadata';
  readonly method: 'POST';
  readonly resourceType: ResourceType;
}

/** An operation on an asset that its asset ID names. */
export interface AssetIdRoute {
  readonly operation: 'destroy_by_asset_id';
  readonly method: 'POST';
  readonly resourceType?: undefined;
}

/** An operation of the Admin API. */
export interface AdminRoute {
  readonly operation: 'admin';
  readonly match: AdminMatch;
}

const root = '/v1_1/{cloud}/';
const uploadOperations = [
  ...(['upload', 'explicit', 'rename', 'destroy'] as const),
  ...(['tags', 'context', 'metadata', 'destroy_by_asset_id'] as const),
];

/** The pattern of each operation of the upload API, from `apiRoutes` of `@safelight/protocol`. */
const operations = uploadOperations.map((operation) => {
  const { method, path } = apiRoutes[operation];
  const types = operation === 'upload' ? 'image|video|raw|auto' : 'image|video|raw';
  const call = path.slice(root.length);
  return {
    operation,
    method,
    pattern: new RegExp(`^${call.replace('{resource_type}', `(?<resourceType>${types})`)}$`),
  };
});

/**
 * Finds the operation for a method and a request target. `//` counts as `/`, and a slash at the end is removed: SDKs
 * with an `upload_prefix` that ends with a slash send `//v1_1/…`, and official Postman requests end with a slash. Whole
 * paths may be percent-encoded (`/resources%2Fimage%2Fupload%2Fx`), so the decoded path is matched, and the public ID
 * is the rest of it.
 *
 * An operation that is not offered is refused with 400. Official SDKs do not read the body of a 405, and they read a
 * 404 as a missing asset.
 *
 * @param target - relative to the mount
 * @returns `undefined` when the target is not below `/v1_1/`: another handler responds then. Of `/v2/`, only the calls of
 *   Cloudinary for this cloud are refused
 */
export function findRoute(method: string, target: string, cloudName: string): FoundRoute | undefined {
  const [, generate, analysis] = /^\/+v2\/(?:generate\/([^/?#]+)\/|([^/?#]+)\/analysis\/)/.exec(target) ?? [];
  if ((generate ?? analysis) === cloudName) {
    return refusedRoute(notOffered(method, generate === undefined ? 'analysis' : 'image/generate', []));
  }
  if (!/^\/+v1_1(?:\/|%2[Ff])/.test(target)) return undefined;
  const [rawPath = ''] = target.split(/[?#]/, 1);
  const plain = rawPath.replace(/\/+/g, '/').replace(/\/$/, '');
  const path = plain.includes('%') ? decoded(plain) : plain;
  if (path === undefined)
    return refusedRoute(`The path has malformed percent-encoding: ${rawPath.slice(0, maxQuoted)}`);
  const [, , name = '', ...segments] = path.split('/');
  if (name === '') return refusedRoute(`The path names no cloud. Expected ${root}<operation>.`);
  if (name !== cloudName) return { operation: 'elsewhere', cloudName: name };
  const call = segments.join('/');
  const requested = call === 'upload' ? 'auto/upload' : call;
  const found = operations.find(({ pattern }) => pattern.test(requested));
  if (found?.method === method) {
    return { operation: found.operation, method: found.method, ...found.pattern.exec(requested)?.groups } as PostRoute;
  }
  const match = findAdminOperation(method, call);
  if (match !== undefined) return { operation: 'admin', match };
  const methods = [...(found === undefined ? [] : [found.method]), ...adminMethods(call)];
  return refusedRoute(notOffered(method, call, methods), methods);
}

const maxQuoted = 100;

const ofAssetIds =
  'An asset ID has 32 hex digits. With a public ID, the path is resources/{resource_type}/upload/{public_id}.';

function notOffered(method: string, call: string, methods: readonly string[]): string {
  const name = call === '' ? 'without an operation' : call.slice(0, maxQuoted);
  const allowed = methods.length > 0 ? `This path takes ${methods.join(', ')}.` : undefined;
  const hint =
    insteadOf(call) ??
    (/^resources\/[^/]+$/.test(call) ? ofAssetIds : allowed) ??
    'GET /_safelight/openapi.json lists all operations.';
  return `${method} ${name} is not offered here. ${hint}`;
}

function refusedRoute(message: string, methods: readonly string[] = []): FoundRoute {
  const headers = methods.length === 0 ? {} : { allow: [...methods, 'OPTIONS'].join(', ') };
  return { operation: 'refused', refusal: new ApiError(400, message, headers) };
}
