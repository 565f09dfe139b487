import { createHash } from 'node:crypto';
import type { Draft, KeptHead } from './derivatives.ts';
import { createDraftReader, type DraftReader } from './draft-reader.ts';
import { createPieceWindow } from './piece-window.ts';
import { createSpill, type DraftSink } from './spill.ts';

/** What has come, complete: either in memory or in the sink. */
export type EndedDraft<Sink> = Readonly<{ bytes: number; digest: string }> &
  (Readonly<{ body: Buffer; sink?: undefined }> | Readonly<{ body?: undefined; sink: Sink }>);

export interface DraftOptions<Sink extends DraftSink> {
  /** How many bytes are held in memory, give or take a piece. */
  readonly memoryBytes: number;
  /**
   * Opens a place for what is larger; called once, then. Without one, what is larger cannot be kept, and is held only
   * until the slowest reader has it.
   */
  readonly openSink?: () => Promise<Sink>;
  /** Makes it durable and says its name; `undefined`, or a rejection, when it is not kept. The sink is closed later. */
  readonly keep: (ended: EndedDraft<Sink>, head: KeptHead) => Promise<string | undefined>;
  /** Sees why the sink, or keeping, has failed. Must not throw. @default nothing */
  readonly onError?: (error: unknown) => void;
}

/** How much a reader takes at once, so that one piece of 100 MB does not lie in every reader's buffer. */
const READ_BYTES = 65_536;

/**
 * What every implementation of `Derivatives` needs to take bytes in. It holds all of them up to `memoryBytes`. What is
 * larger goes on into the sink, from which readers who have fallen behind read; the writer then waits for the sink only.
 * Where there is no sink, or it has failed, the writer waits for the slowest reader; who comes late is refused; and when
 * nobody reads (any more) bytes are swallowed, so that a run whose clients have all left can end.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the closure holds the state of one draft; its functions are short.
export function createDraft<Sink extends DraftSink>({
  memoryBytes,
  openSink,
  keep,
  onError = () => undefined,
}: DraftOptions<Sink>): Draft {
  const window = createPieceWindow();
  const spill = createSpill({ open: openSink, window, onMoved: settle, onError });
  const readers = new Set<DraftReader>();
  const hash = createHash('sha256');
  let state: 'open' | 'ended' | 'failed' = 'open';
  let isDiscarded = false;
  let kept: Promise<string | undefined> | undefined;
  let isKept = false;
  /** Resolves when the writer may go on. */
  let room: PromiseWithResolvers<void> | undefined;

  const isTooLarge = (): boolean => window.end > memoryBytes;

  function slowest(): number {
    let least = window.end;
    for (const { position } of readers) least = Math.min(least, position);
    return least;
  }

  /** How much whoever writes is ahead of the sink or, without one, of the slowest reader. */
  function aheadBytes(): number {
    return window.end - (spill.works ? spill.bytes : Math.max(spill.bytes, slowest()));
  }

  /** Lets go of what nobody needs. Called whenever something has come, moved or gone. */
  function settle(): void {
    if (!isTooLarge()) return;
    const isSettled = state === 'failed' || isDiscarded || isKept || !spill.works;
    if (isSettled && readers.size === 0) spill.close();
    if (spill.works) window.dropBefore(Math.min(spill.bytes, window.end - memoryBytes));
    else window.dropBefore(Math.max(spill.bytes, slowest()));
    if (room === undefined || aheadBytes() > memoryBytes) return;
    room.resolve();
    room = undefined;
  }

  function next(position: number): Buffer | Promise<Buffer> | 'later' | 'end' {
    if (position < window.start) return spill.read(position, Math.min(spill.bytes, position + READ_BYTES));
    if (position < window.end) return window.from(position, READ_BYTES);
    return state === 'ended' ? 'end' : 'later';
  }

  async function keepOnce(head: KeptHead): Promise<string | undefined> {
    const known = { bytes: window.end, digest: hash.digest('base64url') };
    try {
      if (!isTooLarge()) return await keep({ ...known, body: window.toBuffer() }, head);
      const sink = await spill.finish();
      return sink && (await keep({ ...known, sink }, head));
    } catch (error) {
      onError(error);
      return undefined;
    } finally {
      isKept = true;
      settle();
    }
  }

  return {
    write(piece) {
      if (state !== 'open' || piece.byteLength === 0) return undefined;
      window.append(piece);
      if (!isDiscarded && (spill.works || !isTooLarge())) hash.update(piece);
      if (isTooLarge()) spill.start();
      for (const reader of readers) reader.wake();
      settle();
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
      settle();
    },
    read() {
      // What lies between the end of the sink and the beginning of the window is lost.
      if (state === 'failed' || window.start > spill.bytes) return undefined;
      const reader: DraftReader = createDraftReader({
        next,
        onTaken: settle,
        onLeft() {
          readers.delete(reader);
          settle();
        },
      });
      readers.add(reader);
      return reader.stream;
    },
    keep(head) {
      if (state !== 'ended' || isDiscarded) return Promise.resolve(undefined);
      kept ??= keepOnce(head);
      return kept;
    },
    discard() {
      if (kept !== undefined || state === 'failed') return;
      isDiscarded = true;
      settle();
    },
  };
}
