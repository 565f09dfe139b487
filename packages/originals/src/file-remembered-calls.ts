import { randomUUID } from 'node:crypto';
import { mkdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { NextCallState, RememberedCall, RememberedCalls } from '@safelight/core';
import { type CallPlace, callFile, callPlace, readState, revisionsOf } from './call-files.ts';
import { createCallSweep } from './call-sweep.ts';
import { linkExclusively, removeLeftover, syncDirectory, writeDurably } from './durable-file.ts';
import { formatRecord } from './version-records.ts';

export interface FileRememberedCallsOptions {
  /** The directory of originals. */
  readonly root: string;
  /** The folder for temporary files, in the same file system. */
  readonly temporary: string;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** About how many calls are remembered. The process that adds one in ten of them removes those that end first. @default 10_000 */
  readonly maxCalls?: number;
}

const maxStateBytes = 1_048_576;

/**
 * Remembers calls as files below the directory of originals. Each state is a file with its revision in its name, created
 * exclusively by link(2), so one of several processes wins. The highest revision is the state. The state before it stays, so
 * that a process that lists the folder at this moment sees one of both.
 *
 * A process that stalls between two steps for longer than a call is remembered may take a later call with the same key for
 * its own.
 */
export function fileRememberedCalls(options: FileRememberedCallsOptions): RememberedCalls {
  const { root, temporary, clock, maxCalls = 10_000 } = options;
  const sweep = createCallSweep({ root, clock, maxCalls });

  async function create(place: CallPlace, revision: number, { state, endsAt }: NextCallState): Promise<boolean> {
    await mkdir(temporary, { recursive: true });
    await mkdir(place.folder, { recursive: true });
    const written = join(temporary, `${randomUUID()}-call.json`);
    try {
      await writeDurably(written, formatRecord({ endsAt, state }));
      // So a sweep need not read the file.
      await utimes(written, endsAt / 1000, endsAt / 1000);
      return await linkExclusively(written, callFile(place, revision));
    } finally {
      await removeLeftover(written);
    }
  }

  return {
    async read(key): Promise<RememberedCall> {
      const place = callPlace(root, key);
      for (;;) {
        const [revision] = await revisionsOf(place);
        if (revision === undefined) return { revision: 0, state: undefined };
        const read = await readState(place, revision);
        // It was replaced twice, or swept, since the folder was listed.
        if (read === 'absent') continue;
        const isValid = read !== 'damaged' && read.endsAt > clock();
        return { revision, state: isValid ? read.state : undefined };
      }
    },

    async replace(key, revision, next) {
      if (Buffer.byteLength(next.state) > maxStateBytes) {
        throw new RangeError(`The state of a call has more than ${maxStateBytes} bytes.`);
      }
      const place = callPlace(root, key);
      const own = revision + 1;
      if (!(await create(place, own, next))) return undefined;
      const [highest, ...older] = await revisionsOf(place);
      // A file of this name was there before, and others have replaced it since.
      if (highest !== own) {
        await removeLeftover(callFile(place, own));
        return undefined;
      }
      await syncDirectory(place.folder);
      for (const old of older) if (old < revision) await removeLeftover(callFile(place, old));
      if (revision === 0) await sweep();
      return own;
    },
  };
}
