import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadMessage, ThreadOptions } from './index-thread-messages.ts';
import { startReader } from './read-thread.ts';
import { startWriter } from './write-thread.ts';

/** The main module of each thread of an index. */

// Node 22 warns that `node:sqlite` is experimental. The override is that of this thread.
const { emitWarning } = process;
process.emitWarning = (warning: string | Error, ...rest: readonly unknown[]) => {
  if (rest[0] === 'ExperimentalWarning' && String(warning).includes('SQLite')) return;
  Reflect.apply(emitWarning, process, [warning, ...rest]);
};
const { DatabaseSync } = await import('node:sqlite');

const options = workerData as ThreadOptions;
const send = (message: ThreadMessage): void => parentPort?.postMessage(message);
const open = (path: string): InstanceType<typeof DatabaseSync> => new DatabaseSync(path);
const handle = options.role === 'write' ? startWriter(options, open, send) : startReader(options, open, send);
parentPort?.on('message', handle);
