import { finished, type Readable } from 'node:stream';
import type { Draft } from '@safelight/core';

export interface FeedDraftOptions {
  /** How long the body may be silent before it counts as broken, in milliseconds. */
  readonly idleMs: number;
  /** The announced length in bytes; a body of another length counts as broken. @default any length is accepted */
  readonly bytes?: number | undefined;
}

/**
 * Writes a body into a draft as fast as the body arrives and the draft takes it, also when the draft has no reader. Then
 * it calls `end` or `fail` on the draft.
 *
 * @returns the length of the body in bytes
 * @throws {Error} when the body breaks off, is silent for `idleMs`, or does not have the announced length. The readers of
 *   the draft fail with the same error.
 * @example
 * import { createReadStream } from 'node:fs';
 * import { memoryDerivatives } from '@safelight/stores';
 *
 * const draft = memoryDerivatives().create();
 * await feedDraft(draft, createReadStream('cat.png'), { idleMs: 30_000 });
 * const name = await draft.store({ type: 'image/png' });
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
      // While the draft does not take more, the body is not the slow side.
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
