import { Readable } from 'node:stream';

/** Somebody who reads a draft at a pace of their own. */
export interface DraftReader {
  readonly stream: Readable;
  /** How many bytes the stream has taken. */
  readonly position: number;
  /** Something has changed: more has come, or nothing will. */
  wake(): void;
}

interface DraftReaderOptions {
  /** What comes at this position: bytes, `'later'` (then `wake` is called) or `'end'`. */
  readonly next: (position: number) => Buffer | Promise<Buffer> | 'later' | 'end';
  /** The stream has taken what it was given. */
  readonly onTaken: () => void;
  /** The stream needs nothing more: it has everything, or was destroyed. May be called twice. */
  readonly onLeft: () => void;
}

export function createDraftReader({ next, onTaken, onLeft }: DraftReaderOptions): DraftReader {
  let position = 0;
  let isWaiting = false;
  const stream = new Readable({
    read: advance,
    destroy(error, done) {
      onLeft();
      done(error);
    },
  });
  // Who was given the stream may not listen yet when the draft fails, and the process must not die of that; whoever
  // listens, pipes or iterates later is still told.
  stream.on('error', () => undefined);

  function advance(): void {
    const piece = next(position);
    if (piece === 'later') isWaiting = true;
    else if (piece === 'end') finish();
    else if (piece instanceof Promise) piece.then(take, (error: Error) => stream.destroy(error));
    else take(piece);
  }

  function take(piece: Buffer): void {
    position += piece.length;
    onTaken();
    stream.push(piece);
  }

  function finish(): void {
    onLeft();
    stream.push(null);
  }

  return {
    stream,
    get position() {
      return position;
    },
    wake() {
      if (!isWaiting) return;
      isWaiting = false;
      // Not at once: what a reader does with its bytes, throwing included, is no business of whoever writes.
      process.nextTick(() => {
        if (!stream.destroyed) advance();
      });
    },
  };
}
