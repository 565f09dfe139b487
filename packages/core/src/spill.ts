import type { PieceWindow } from './piece-window.ts';

/** Takes the bytes of a draft that is too large for memory. Usually a file, which is read while it grows. */
export interface DraftSink {
  /**
   * Appends a piece. The next call comes after this one has settled.
   * @throws when it cannot take more (disk full); the bytes appended before can still be read
   */
  append(piece: Uint8Array): Promise<void>;
  /** Reads appended bytes from `start` on: at least one, and none at `end` or after. */
  read(start: number, end: number): Promise<Buffer>;
  /** Closes the sink. Called once, and no calls of `append` or `read` follow. Never rejects. */
  close(): Promise<void>;
}

/** Moves the bytes of a window into a sink, as fast as the sink takes them. */
export interface Spill<Sink extends DraftSink> {
  /** How many bytes can be read from the sink, counted from the first byte of the draft. */
  readonly bytes: number;
  /**
   * Whether the sink takes more bytes. It is `false` without a sink, and stays `false` after the sink has failed or was
   * closed.
   */
  readonly works: boolean;
  /** Opens the sink at the first call, and moves the bytes of the window that are not in the sink yet. */
  start(): void;
  /** Resolves when the sink has all bytes; with `undefined` when the sink has failed. */
  finish(): Promise<Sink | undefined>;
  read(start: number, end: number): Promise<Buffer>;
  close(): void;
}

interface SpillOptions<Sink> {
  readonly open: (() => Promise<Sink>) | undefined;
  readonly window: PieceWindow;
  /** Called after each piece, and after the sink has failed. */
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
  let moving = Promise.resolve();

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
      // From now on the bytes are in memory only.
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
      if (works && !isMoving) moving = move();
    },
    async finish() {
      await moving;
      return works ? sink : undefined;
    },
    read(start, end) {
      return sink === undefined ? Promise.reject(new Error('The draft has no sink.')) : sink.read(start, end);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      works = false;
      bytes = 0;
      // Wait for `move`, because it may still be opening the sink.
      moving.then(() => sink?.close());
    },
  };
}
