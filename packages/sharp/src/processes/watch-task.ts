import type { ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { TransformError } from '@safelight/core';
import { residentMemory } from './resident-memory.ts';

export interface TaskLimits {
  /** Milliseconds. */
  readonly timeoutMs: number;
  /** Bytes of resident memory. */
  readonly maxMemoryBytes: number;
  /** Ends the process when it aborts. */
  readonly signal: AbortSignal | undefined;
}

export interface TaskWatch {
  stop(): void;
  /** Whether the process has got the lowest priority, which cannot be raised again. */
  readonly isDemoted: boolean;
}

const memoryCheckMs = 100;
/** A picture that takes longer goes behind all others. */
const longMs = 2_000;
const { PRIORITY_BELOW_NORMAL: belowServer, PRIORITY_LOW: belowPictures } = constants.priority;

/** When all cores are busy, responses go before pictures: most need no other work. */
export function putBehindServer(child: ChildProcess): void {
  yieldTo(child, belowServer);
}

/**
 * Watches one task of a process from outside.
 *
 * @param kill - called once, with the reason, when the task must end
 */
export function watchTask(child: ChildProcess, limits: TaskLimits, kill: (reason: unknown) => void): TaskWatch {
  const { timeoutMs, maxMemoryBytes, signal } = limits;
  let isDemoted = false;
  let isOver = false;
  const onAbort = (): void => kill(signal?.reason);
  const timeout = setTimeout(() => kill(tookTooLong()), timeoutMs);
  const demotion = setTimeout(() => {
    yieldTo(child, belowPictures);
    isDemoted = true;
  }, longMs);
  const memory = setInterval(() => {
    void residentMemory(child.pid ?? 0).then((bytes) => {
      if (!isOver && bytes !== undefined && bytes > maxMemoryBytes) kill(tooMuchMemory(maxMemoryBytes));
    });
  }, memoryCheckMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    get isDemoted() {
      return isDemoted;
    },
    stop() {
      isOver = true;
      clearTimeout(timeout);
      clearTimeout(demotion);
      clearInterval(memory);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

function yieldTo({ pid }: ChildProcess, priority: number): void {
  try {
    if (pid !== undefined) setPriority(pid, priority);
  } catch {
    // The process has ended, or the system does not allow it. Then pictures and responses share the cores.
  }
}

function tookTooLong(): TransformError {
  return new TransformError('timed_out', 'The transformation took too long');
}

function tooMuchMemory(maxMemoryBytes: number): TransformError {
  const cause = new Error(`The process had more than ${maxMemoryBytes} bytes of memory.`);
  return new TransformError('too_many_pixels', 'The picture needs too much memory', { cause });
}
