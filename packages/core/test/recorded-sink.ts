import type { DraftSink } from '../src/spill.ts';

export interface RecordedSink extends DraftSink {
  readonly content: () => Buffer;
  /** How often it was closed. */
  readonly closed: () => number;
}

interface RecordedSinkOptions {
  /** `append` fails beyond this, as on a full disk. */
  readonly maxBytes?: number;
  /** Awaited before each append and each read. */
  readonly pace?: () => Promise<unknown>;
}

/**
 * A sink in memory that checks the contract: one append at a time, reads of appended bytes only, no calls after the
 * end.
 */
export function recordedSink({
  maxBytes = Number.POSITIVE_INFINITY,
  pace = async () => undefined,
}: RecordedSinkOptions = {}): RecordedSink {
  let content = Buffer.alloc(0);
  let isAppending = false;
  let closed = 0;
  return {
    content: () => content,
    closed: () => closed,
    async append(piece) {
      if (isAppending) throw new Error('two appends at a time');
      if (closed > 0) throw new Error('appended after the end');
      isAppending = true;
      await pace();
      isAppending = false;
      if (content.length + piece.byteLength > maxBytes) throw new Error('ENOSPC: no space left on device');
      content = Buffer.concat([content, piece]);
    },
    async read(start, end) {
      if (closed > 0 || start >= end || end > content.length) throw new Error(`cannot read ${start}-${end}`);
      await pace();
      // Fewer bytes than requested, as a file may give.
      return content.subarray(start, Math.min(end, start + Math.max(1, (end - start) >> 1)));
    },
    async close() {
      closed += 1;
    },
  };
}
