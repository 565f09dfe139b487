import { Readable } from 'node:stream';

/** One reader of a draft. It may be slower or faster than the other readers. */
export interface DraftReader {
  readonly stream: Readable;
  /** How many bytes the stream has taken so far. */
  readonly position: number;
  /** The draft calls this when more bytes were written, and when no more will follow. */
  wake(): void;
}

interface DraftReaderOptions {
  /** Returns the bytes at this position, `'end'`, or `'later'` if the draft will call `wake`. */
  readonly next: (position: number) => Buffer | Promise<Buffer> | 'later' | 'end';
  /** Called when the stream has taken bytes. */
  readonly onTaken: () => void;
  /** Called when the stream needs no more bytes: it has all bytes, or it was destroyed. May be called twice. */
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
  // The draft may fail before the caller listens for `error`; without a listener that would end the process. A caller
  // that listens, pipes or iterates later still gets the error.
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
      // In the next tick: an error that the code of a reader throws must not reach the caller of `write`.
      process.nextTick(() => {
        if (!stream.destroyed) advance();
      });
    },
  };
}
