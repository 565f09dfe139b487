import { apiRoutes, decoded, type ResourceType } from '@safelight/protocol';
import { ApiError } from './api-error.ts';

/** The operation of a request below `/v1_1/`. */
export type FoundRoute =
  | PostRoute
  | GetRoute
  /** A call for another cloud. */
  | { readonly operation: 'elsewhere'; readonly cloudName: string }
  /** An operation that this API does not offer. */
  | { readonly operation: 'refused'; readonly refusal: ApiError };

export type PostRoute = UploadRoute | AssetRoute;

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

export type GetRoute =
  | {
      readonly operation: 'resource';
      readonly method: 'GET';
      readonly resourceType: ResourceType;
      readonly publicId: string;
    }
  | { readonly operation: 'ping'; readonly method: 'GET' };

const root = '/v1_1/{cloud}/';

/** The method and the pattern of each operation, from `apiRoutes` of `@safelight/protocol`. */
const operations = (['upload', 'explicit', 'rename', 'destroy', 'resource', 'ping'] as const).map((operation) => {
  const { method, path } = apiRoutes[operation];
  const types = operation === 'upload' ? 'image|video|raw|auto' : 'image|video|raw';
  const call = path.slice(root.length);
  const source = call.replace('{resource_type}', `(?<resourceType>${types})`).replace('{public_id}', '(?<publicId>.+)');
  return { operation, method, call, pattern: new RegExp(`^${source}$`, 's') };
});

const offered = operations.map(({ method, call }) => `${method} ${call}`).join(', ');

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
 * @returns `undefined` when the target is not below `/v1_1/`: another handler responds then
 */
export function findRoute(method: string, target: string, cloudName: string): FoundRoute | undefined {
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
  const routeMethod = method === 'HEAD' ? 'GET' : method;
  if (found?.method !== routeMethod) return refusedRoute(notOffered(method, call, found?.method), found?.method);
  return { operation: found.operation, method: found.method, ...found.pattern.exec(requested)?.groups } as FoundRoute;
}

const maxQuoted = 100;

function notOffered(method: string, call: string, expected: string | undefined): string {
  const name = call === '' ? 'without an operation' : call.slice(0, maxQuoted);
  const hint = expected === undefined ? `Offered: ${offered}.` : `This path takes ${expected}.`;
  return `${method} ${name} is not offered here. ${hint}`;
}

function refusedRoute(message: string, allowed?: string): FoundRoute {
  const headers = allowed === undefined ? {} : { allow: `${allowed}, OPTIONS` };
  return { operation: 'refused', refusal: new ApiError(400, message, headers) };
}
