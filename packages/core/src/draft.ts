import { createHash } from 'node:crypto';
import type { CachedHead, Draft } from './derivatives.ts';
import { createDraftReader, type DraftReader } from './draft-reader.ts';
import { createPieceWindow } from './piece-window.ts';
import { createSpill, type DraftSink } from './spill.ts';

/** All bytes of a draft that has ended: either in memory (`body`) or in the sink. */
export type EndedDraft<Sink> = Readonly<{ bytes: number; digest: string }> &
  (Readonly<{ body: Buffer; sink?: undefined }> | Readonly<{ body?: undefined; sink: Sink }>);

export interface DraftOptions<Sink extends DraftSink> {
  /** The largest number of bytes in memory. The last piece may exceed this number. */
  readonly memoryBytes: number;
  /**
   * Opens the sink for a draft that is larger than `memoryBytes`. Called at most once. Without a sink, a larger draft
   * cannot be stored, and its bytes are held only until the slowest reader has read them.
   * @default a larger draft is not stored
   */
  readonly openSink?: () => Promise<Sink>;
  /**
   * Stores the bytes and returns their name. Returns `undefined` or rejects when the bytes were not stored. The draft
   * closes the sink afterwards.
   */
  readonly store: (ended: EndedDraft<Sink>, head: CachedHead) => Promise<string | undefined>;
  /** Called with the error when the sink or `store` has failed. Must not throw. @default does nothing */
  readonly onError?: (error: unknown) => void;
}

/** The most bytes that a reader takes at once. Otherwise a reader could hold a piece of 100 MB in its own buffer. */
const readBytes = 65_536;

/**
 * Creates a draft; use it to implement `Derivatives`. The draft holds up to `memoryBytes` in memory:
 *
 * - A larger draft also writes to the sink. Slow readers read from the sink, and the writer waits only for the sink.
 * - Without a sink, or after the sink has failed, the writer waits for the slowest reader. `read` returns `undefined`
 *   after the first bytes were dropped. Without a reader, the bytes are dropped, so that a run can end after all clients
 *   have left.
 *
 * @example
 * const draft = createDraft({
 *   memoryBytes: 1_048_576,
 *   store: async ({ digest }) => digest, // a real `store` writes the bytes and the head under this name
 * });
 * draft.write(Buffer.from('a picture'));
 * draft.end();
 * await draft.store({ contentType: 'image/png' }); // 'krL6WAKJWDF-QIvYTs-nD17jWxIZkdvCMsSdFmNTcIs'
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the closure holds the state of one draft; its functions are short.
export function createDraft<Sink extends DraftSink>({
  memoryBytes,
  openSink,
  store,
  onError = () => undefined,
}: DraftOptions<Sink>): Draft {
  const window = createPieceWindow();
  const spill = createSpill({ open: openSink, window, onMoved: makeRoom, onError });
  const readers = new Set<DraftReader>();
  const hash = createHash('sha256');
  let state: 'open' | 'ended' | 'failed' = 'open';
  let isDiscarded = false;
  let stored: Promise<string | undefined> | undefined;
  let isStored = false;
  /** Resolves when the writer may write the next piece. */
  let room: PromiseWithResolvers<void> | undefined;

  const isTooLarge = (): boolean => window.end > memoryBytes;

  function slowestPosition(): number {
    let lowest = window.end;
    for (const { position } of readers) lowest = Math.min(lowest, position);
    return lowest;
  }

  /** How many bytes the writer is ahead of the sink or, without a sink, of the slowest reader. */
  function aheadBytes(): number {
    return window.end - (spill.works ? spill.bytes : Math.max(spill.bytes, slowestPosition()));
  }

  /**
   * Drops the bytes that are no longer needed, and resolves `room`. Called after each write, after each read, and after
   * each change of the readers or the sink.
   */
  function makeRoom(): void {
    if (!isTooLarge()) return;
    const isSinkOnlyRead = state === 'failed' || isDiscarded || isStored || !spill.works;
    if (isSinkOnlyRead && readers.size === 0) spill.close();
    if (spill.works) window.dropBefore(Math.min(spill.bytes, window.end - memoryBytes));
    else window.dropBefore(Math.max(spill.bytes, slowestPosition()));
    if (room === undefined || aheadBytes() > memoryBytes) return;
    room.resolve();
    room = undefined;
  }

  function pieceAt(position: number): Buffer | Promise<Buffer> | 'later' | 'end' {
    if (position < window.start) return spill.read(position, Math.min(spill.bytes, position + readBytes));
    if (position < window.end) return window.from(position, readBytes);
    return state === 'ended' ? 'end' : 'later';
  }

  async function storeOnce(head: CachedHead): Promise<string | undefined> {
    const ended = { bytes: window.end, digest: hash.digest('base64url') };
    try {
      if (!isTooLarge()) return await store({ ...ended, body: window.toBuffer() }, head);
      const sink = await spill.finish();
      return sink && (await store({ ...ended, sink }, head));
    } catch (error) {
      onError(error);
      return undefined;
    } finally {
      isStored = true;
      makeRoom();
    }
  }

  return {
    write(piece) {
      if (state !== 'open' || piece.byteLength === 0) return undefined;
      window.append(piece);
      if (!isDiscarded && (spill.works || !isTooLarge())) hash.update(piece);
      if (isTooLarge()) spill.start();
      for (const reader of readers) reader.wake();
      makeRoom();
      if (!isTooLarge() || aheadBytes() <= memoryBytes) return undefined;
      room ??= Promise.withResolvers();
      return room.promise;
    },
    end() {
      if (state !== 'open') return;
      state = 'ended';
      for (const reader of readers) reader.wake();
    },
    fail(error) {
      if (state !== 'open') return;
      state = 'failed';
      for (const { stream } of readers) stream.destroy(error);
      makeRoom();
    },
    read() {
      // If the window starts after the end of the sink, the bytes in between were dropped.
      if (state === 'failed' || window.start > spill.bytes) return undefined;
      const reader: DraftReader = createDraftReader({
        next: pieceAt,
        onTaken: makeRoom,
        onLeft() {
          readers.delete(reader);
          makeRoom();
        },
      });
      readers.add(reader);
      return reader.stream;
    },
    store(head) {
      if (state !== 'ended' || isDiscarded) return Promise.resolve(undefined);
      stored ??= storeOnce(head);
      return stored;
    },
    discard() {
      if (stored !== undefined || state === 'failed') return;
      isDiscarded = true;
      makeRoom();
    },
  };
}
