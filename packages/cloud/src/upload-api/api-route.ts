import type { ResourceType } from '@safelight/protocol';

/** What a path of the API names; the methods that it takes stand beside it. */
export type ApiRoute =
  | UploadRoute
  | {
      readonly operation: 'explicit' | 'rename' | 'destroy';
      readonly method: 'POST';
      readonly resourceType: ResourceType;
    }
  | {
      readonly operation: 'resource';
      readonly method: 'GET';
      readonly resourceType: ResourceType;
      readonly publicId: string;
    }
  | { readonly operation: 'ping'; readonly method: 'GET' }
  | { readonly operation: 'unknown' };

export interface UploadRoute {
  readonly operation: 'upload';
  readonly method: 'POST';
  readonly resourceType: ResourceType | 'auto';
}

const uploadCall = /^(image|video|raw|auto)\/upload$/;
const assetCall = /^(image|video|raw)\/(explicit|rename|destroy)$/;
const resourceCall = /^resources\/(image|video|raw)\/upload\/(.+)$/s;

/**
 * Reads a request target (as it is relative to the mount). Whole paths may arrive percent-encoded
 * (`/resources%2Fimage%2Fupload%2Fx`), so the decoded path is matched and a public ID is all the rest of it.
 *
 * @returns `undefined` when the target is not under `/v1_1/<cloudName>/`: somebody else's path
 */
export function findRoute(target: string, cloudName: string): ApiRoute | undefined {
  const path = decodedPath(target);
  const prefix = `/v1_1/${cloudName}/`;
  if (path === undefined || !path.startsWith(prefix)) return undefined;
  const call = path.slice(prefix.length);

  if (call === 'ping') return { operation: 'ping', method: 'GET' };
  if (call === 'upload') return { operation: 'upload', method: 'POST', resourceType: 'auto' };
  const upload = uploadCall.exec(call);
  if (upload !== null) {
    return { operation: 'upload', method: 'POST', resourceType: upload[1] as ResourceType | 'auto' };
  }
  const asset = assetCall.exec(call);
  if (asset !== null) {
    const operation = asset[2] as 'explicit' | 'rename' | 'destroy';
    return { operation, method: 'POST', resourceType: asset[1] as ResourceType };
  }
  const resource = resourceCall.exec(call);
  if (resource !== null) {
    const [, resourceType, publicId = ''] = resource;
    return { operation: 'resource', method: 'GET', resourceType: resourceType as ResourceType, publicId };
  }
  return { operation: 'unknown' };
}

function decodedPath(target: string): string | undefined {
  const end = target.search(/[?#]/);
  try {
    return decodeURIComponent(end === -1 ? target : target.slice(0, end));
  } catch {
    return undefined;
  }
}
