import type { IncomingMessage } from 'node:http';
import type { Target } from '@safelight/core';
import { requestUrl } from '@safelight/http';
import { kindOfValue } from '@safelight/protocol';
import type { GuardRouteOptions } from './guard-route-options.ts';
import { createRequestVariant } from './request-variant.ts';

export interface IdentifierParts {
  /** The prefix of the assets' keys of guarded handlers. It distinguishes them from the keys of mounts. */
  readonly assetPrefix: string;
  readonly epoch: string;
}

/**
 * Returns a function that finds the target of a request.
 * @returns the function returns `undefined` for a request that is not guarded; it throws what the options throw
 */
export function createIdentifier<Req extends IncomingMessage>(
  { assetPrefix, epoch }: IdentifierParts,
  options: GuardRouteOptions<Req>,
): (req: Req) => Target | undefined {
  const { asset, derivation, isPrivate, cache = false, vary = [], hosts } = options;
  const variantOf = createRequestVariant({ vary: vary.map((name) => name.toLowerCase()), hosts });
  const isCached = cache !== false;
  return (req) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return undefined;
    if (req.headers.authorization !== undefined || isPrivate?.(req) === true) return undefined;
    const url = requestUrl(req);
    const name = assetOf(req, asset);
    if (name === undefined || name === '') return undefined;
    // When the path names the asset, only the query distinguishes derivations.
    const rest = asset === undefined ? url.slice(name.length) : url;
    return {
      assets: [assetPrefix + name],
      derivation: derivation === undefined ? rest : derivation(req),
      version: undefined,
      isCached,
      variant: variantOf(req),
      epoch,
    };
  };
}

/**
 * The name of a request's asset: what the option returns, without the option the path.
 * @throws {TypeError} when the option has returned neither a text nor `undefined`
 */
export function assetOf<Req extends IncomingMessage>(
  req: Req,
  asset: GuardRouteOptions<Req>['asset'],
): string | undefined {
  return asset === undefined ? pathOf(requestUrl(req)) : assetNameOf(asset(req));
}

/** @throws {TypeError} when `asset` has returned another value; converted to text, all assets could have one name */
function assetNameOf(name: unknown): string | undefined {
  if (name === undefined || typeof name === 'string') return name;
  throw new TypeError(
    `asset returned ${kindOfValue(name)}; it must return a string, or undefined for a request that is not guarded.`,
  );
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
