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

/** The `asset` functions of this package. They decode, so an escape in a name belongs to the name. */
const decoding = new WeakSet<object>([assetFromPath]);

/** Whether a function for the option `asset` is one of this package. */
export function decodesNames(asset: object): boolean {
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

/** Escapes that browsers do not write: of a character that a path may have, or with a small letter. */
const oddEscape =
  /%(?:2[1467-9A-Fa-f]|3[\dAaBbDd]|4[\dA-Fa-f]|5[\dAaFf]|6[1-9A-Fa-f]|7[\dAaEe]|[\da-fA-F][a-f]|[a-f][\da-fA-F])/;

/** Whether a path has another spelling that browsers send for the same name. */
export function isOddlySpelled(path: string): boolean {
  return path.includes('%') && oddEscape.test(path);
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
