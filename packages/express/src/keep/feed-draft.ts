import { finished, type Readable } from 'node:stream';
import type { Draft } from '@safelight/core';

/**
 * Writes a body into a draft as fast as it comes and the draft takes it, whether anybody reads it or not.
 * @param idleMs - how long the body may be silent before it counts as broken
 * @returns how many bytes there were
 * @throws what broke the body off; the draft's readers have broken off with it
 */
export function feedDraft(draft: Draft, body: Readable, idleMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const silent = setTimeout(() => body.destroy(new Error(`The body was silent for ${idleMs} ms.`)), idleMs);
    body.on('data', (piece: Buffer) => {
      silent.refresh();
      bytes += piece.length;
      const taken = draft.write(piece);
      if (taken === undefined) return;
      body.pause();
      taken.then(() => {
        silent.refresh();
        body.resume();
      });
    });
    finished(body, { writable: false }, (error) => {
      clearTimeout(silent);
      if (error) {
        draft.fail(error);
        reject(error);
      } else {
        draft.end();
        resolve(bytes);
      }
    });
  });
}
