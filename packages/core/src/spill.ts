import type { PieceWindow } from './piece-window.ts';

/** Takes a draft that is too large for memory: usually a file, which is read while it grows. */
export interface DraftSink {
  /**
   * Appends a piece; there is one call at a time.
   * @throws when it cannot take more (disk full); what was appended before can still be read
   */
  append(piece: Uint8Array): Promise<void>;
  /** Some of the appended bytes, at least one, from `start` on and before `end`. */
  read(start: number, end: number): Promise<Buffer>;
  /** Closes the sink: no more calls of `append` or `read` follow. Called once. Never rejects. */
  close(): Promise<void>;
}

/** Moves the bytes of a window into a sink, as fast as the sink takes them. */
export interface Spill<Sink extends DraftSink> {
  /** How many bytes can be read from the sink, from the very first. */
  readonly bytes: number;
  /** It takes more; `false` for good once the sink has failed or was closed, and when there never was one. */
  readonly works: boolean;
  /** Opens the sink at the first call, and moves all that the window has beyond `bytes`. */
  start(): void;
  /** The sink, when it has all bytes; `undefined` when it has failed. */
  finish(): Promise<Sink | undefined>;
  read(start: number, end: number): Promise<Buffer>;
  close(): void;
}

interface SpillOptions<Sink> {
  readonly open: (() => Promise<Sink>) | undefined;
  readonly window: PieceWindow;
  /** Called after each piece, and when the sink has failed. */
  readonly onMoved: () => void;
  readonly onError: (error: unknown) => void;
}

export function createSpill<Sink extends DraftSink>({
  open,
  window,
  onMoved,
  onError,
}: SpillOptions<Sink>): Spill<Sink> {
  let sink: Sink | undefined;
  let bytes = 0;
  let works = open !== undefined;
  let isClosed = false;
  let isMoving = false;
  let moved = Promise.resolve();

  async function move(): Promise<void> {
    isMoving = true;
    try {
      sink ??= await open?.();
      while (works && sink !== undefined && bytes < window.end) {
        const piece = window.from(bytes);
        await sink.append(piece);
        if (!works) break;
        bytes += piece.length;
        onMoved();
      }
    } catch (error) {
      // From now on the bytes stay in memory only.
      works = false;
      onError(error);
    }
    isMoving = false;
    onMoved();
  }

  return {
    get bytes() {
      return bytes;
    },
    get works() {
      return works;
    },
    start() {
      if (works && !isMoving) moved = move();
    },
    async finish() {
      await moved;
      return works ? sink : undefined;
    },
    read(start, end) {
      return sink === undefined ? Promise.reject(new Error('There is no sink to read from.')) : sink.read(start, end);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      works = false;
      bytes = 0;
      // A sink that is just being opened is closed as well.
      moved.then(() => sink?.close());
    },
  };
}
