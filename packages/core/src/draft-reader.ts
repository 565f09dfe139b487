import { Readable } from 'node:stream';

/** One reader of a draft. It does not have to keep pace with the other readers. */
export interface DraftReader {
  readonly stream: Readable;
  /** How many bytes the stream has taken so far. */
  readonly position: number;
  /** To be called when more bytes have come, or when no more will come. */
  wake(): void;
}

interface DraftReaderOptions {
  /** The bytes at this position, `'later'` (then `wake` will be called) or `'end'`. */
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
  // The draft may fail before the caller listens for `error`, and that must not end the process. A caller that listens,
  // pipes or iterates later still gets the error.
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
      // Not in this tick: an error that a reader's code throws must not reach the code that writes.
      process.nextTick(() => {
        if (!stream.destroyed) advance();
      });
    },
  };
}
