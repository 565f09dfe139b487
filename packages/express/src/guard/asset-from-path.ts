import type { IncomingMessage } from 'node:http';
import { urlBelowMount } from '@safelight/http';

/**
 * For the option `asset`: names an asset by the path below the mount, percent-decoded and without its first slash.
 * `changed` then takes the name as people write it. Escapes that are not valid UTF-8 stay as they are. Names in different
 * Unicode normal forms are different assets.
 *
 * @example
 * import express from 'express';
 *
 * const safelight = createSafelight();
 * const thumbs: express.RequestHandler = (_req, res) => void res.sendStatus(404);
 * express().use('/thumbs', safelight.guard(thumbs, { asset: assetFromPath }));
 * await safelight.changed('my cat.jpg'); // frees /thumbs/my%20cat.jpg and /thumbs/my%20cat.jpg?w=300
 */
export function assetFromPath(req: IncomingMessage): string {
  return percentDecoded(pathOf(urlBelowMount(req)).slice(1));
}

/** The `asset` functions of the presets. They decode, so an escape in a name belongs to the name. */
const decoding = new WeakSet<object>();

/** Whether the `asset` function of a preset has named the asset. */
export function isOfPreset(asset: object): boolean {
  return decoding.has(asset);
}

/** Says that the `asset` function of these options decodes names. */
export function withDecodedNames<O extends { readonly asset?: object }>(options: O): O {
  if (options.asset !== undefined) decoding.add(options.asset);
  return options;
}

/** @param url - a path with a query */
export function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

/**
 * Whether a path is not the usual spelling of its name, which is that of `encodeURI` with `?` and `#` encoded. A handler may
 * know only one of the spellings. A wrong `true` is harmless: the path then has failures of its own.
 */
export function isOddlySpelled(path: string): boolean {
  if (plainPath.test(path)) return false;
  try {
    return usualSpelling(percentDecoded(path)) !== path;
  } catch {
    // `encodeURI` refuses a lone surrogate.
    return true;
  }
}

/** A path of these characters has only this spelling without escapes. */
const plainPath = /^[\w/.~!$&'()*+,;=:@-]*$/;

function usualSpelling(name: string): string {
  return encodeURI(name).replaceAll(/[?#]/g, encodeURIComponent);
}

/** Decodes one layer of percent-encoding; a text that is not valid UTF-8 stays as it is. */
export function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/(?:%[\da-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}
