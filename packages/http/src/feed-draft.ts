import { finished, type Readable } from 'node:stream';
import type { Draft } from '@safelight/core';

export interface FeedDraftOptions {
  /** How long the body may be silent before it counts as broken, in milliseconds. */
  readonly idleMs: number;
  /** How many bytes were announced; another number counts as broken. @default any number will do */
  readonly bytes?: number | undefined;
}

/**
 * Writes a body into a draft as fast as it comes and the draft takes it, whether anybody reads it or not.
 * @returns how many bytes there were
 * @throws what broke the body off; the draft's readers have broken off with it
 */
export function feedDraft(
  draft: Draft,
  body: Readable,
  { idleMs, bytes: announced }: FeedDraftOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const waitForMore = () =>
      setTimeout(() => body.destroy(new Error(`The body was silent for ${idleMs} ms.`)), idleMs);
    let silent = waitForMore();
    body.on('data', (piece: Buffer) => {
      silent.refresh();
      bytes += piece.length;
      if (announced !== undefined && bytes > announced) {
        body.destroy(new Error(`The body has more than the ${announced} bytes that were announced.`));
        return;
      }
      const taken = draft.write(piece);
      if (taken === undefined) return;
      body.pause();
      // It is a reader who is slow now, not the body.
      clearTimeout(silent);
      taken.then(() => {
        if (body.destroyed) return;
        silent = waitForMore();
        body.resume();
      });
    });
    finished(body, { writable: false }, (error) => {
      clearTimeout(silent);
      const broken = error ?? mismatch(bytes, announced);
      if (broken) {
        draft.fail(broken);
        reject(broken);
      } else {
        draft.end();
        resolve(bytes);
      }
    });
  });
}

function mismatch(bytes: number, announced: number | undefined): Error | undefined {
  if (announced === undefined || bytes === announced) return undefined;
  return new Error(`The body ended after ${bytes} of the ${announced} bytes that were announced.`);
}
