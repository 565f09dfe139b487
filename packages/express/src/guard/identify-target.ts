import type { IncomingMessage } from 'node:http';
import type { Target } from '@safelight/core';
import { requestUrl } from '@safelight/http';
import { kindOfValue } from '@safelight/protocol';
import { assetFromPath, isOddlySpelled, isOfPreset, pathOf, percentDecoded } from './asset-from-path.ts';
import type { GuardRouteOptions } from './guard-route-options.ts';
import { createRequestVariant } from './request-variant.ts';

export interface IdentifierParts {
  /** The prefix of the assets' keys of guarded handlers. It distinguishes them from the keys of mounts. */
  readonly assetPrefix: string;
  readonly epoch: string;
  readonly onError: (error: unknown) => void;
}

/** Finds the targets of requests. */
export interface Identifier<Req> {
  /**
   * The target of a request that the guard serves; `undefined` for a request that is not guarded.
   * @throws what the functions of the options throw
   */
  targetOf(req: Req): Target | undefined;
  /**
   * The target of a GET for the URI of this request, for any method and any client. The option `derivation` and the
   * fields in `vary` see the fields of this request.
   */
  targetOfUri(req: Req): Target | undefined;
}

export function createIdentifier<Req extends IncomingMessage>(
  { assetPrefix, epoch, onError }: IdentifierParts,
  options: GuardRouteOptions<Req>,
): Identifier<Req> {
  const { derivation, isPrivate, cache = false, vary = [], hosts } = options;
  const variantOf = createRequestVariant({ vary: vary.map((name) => name.toLowerCase()), hosts });
  const nameOf = createAssetNames(options.asset, onError);
  const isCached = cache !== false;

  /** Whether the name is the decoded path, and the path is an odd spelling of it. */
  function isOdd(req: Req, path: string, name: string): boolean {
    return isOddlySpelled(path) && (options.asset === undefined || name === assetFromPath(req));
  }

  function targetOfUri(req: Req): Target | undefined {
    const url = requestUrl(req);
    const path = pathOf(url);
    const name = nameOf(req, path);
    if (name === undefined || name === '') return undefined;
    // When the path is the name, only the query distinguishes derivations.
    const isWholePath = options.asset === undefined && name === path;
    return {
      assets: isOdd(req, path, name) ? [spelledPrefix + path, assetPrefix + name] : [assetPrefix + name],
      derivation: derivation === undefined ? (isWholePath ? url.slice(path.length) : url) : derivation(req),
      version: undefined,
      isCached,
      variant: variantOf(req),
      epoch,
    };
  }

  return {
    targetOfUri,
    targetOf(req) {
      if (req.method !== 'GET' && req.method !== 'HEAD') return undefined;
      if (req.headers.authorization !== undefined || isPrivate?.(req) === true) return undefined;
      return targetOfUri(req);
    },
  };
}

/**
 * The prefix of an asset for one odd spelling of a path. A handler may know only one spelling, so a missing original in an
 * odd spelling must not count for the others. The named asset is the last one, so `changed` also ends these failures. An
 * `asset` function of the application decides by itself which paths name the same asset.
 */
const spelledPrefix = 'spelled:';

/** The key of the asset that a request names, which `changed` takes. */
export function namedAsset({ assets }: Pick<Target, 'assets'>): string {
  return assets.at(-1) as string;
}

/**
 * Returns a function that names the asset of a request: by the option, taken literally, or by the decoded path.
 * @throws {TypeError} the function throws when the option has returned neither a text nor `undefined`
 */
function createAssetNames<Req extends IncomingMessage>(
  asset: GuardRouteOptions<Req>['asset'],
  onError: (error: unknown) => void,
): (req: Req, path: string) => string | undefined {
  if (asset === undefined) return (_req, path) => percentDecoded(path);
  let isReported = isOfPreset(asset);
  return (req) => {
    const name = assetNameOf(asset(req));
    if (!isReported && name?.includes('%') === true && percentDecoded(name) !== name && name !== assetFromPath(req)) {
      isReported = true;
      onError(
        new Error(
          `asset returned '${name.slice(0, 100)}', which is percent-encoded. changed() must then get the same encoded name. Use assetFromPath of @safelight/express, which decodes it.`,
        ),
      );
    }
    return name;
  };
}

/** @throws {TypeError} when `asset` has returned another value; converted to text, all assets could have one name */
function assetNameOf(name: unknown): string | undefined {
  if (name === undefined || typeof name === 'string') return name;
  throw new TypeError(
    `asset returned ${kindOfValue(name)}; it must return a string, or undefined for a request that is not guarded.`,
  );
}
