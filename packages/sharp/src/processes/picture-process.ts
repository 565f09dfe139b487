import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TransformError } from '@safelight/core';
import { childEnvironment } from './child-environment.ts';
import { residentMemory } from './resident-memory.ts';
import type { TaskInput, TaskName, TaskOutput } from './task.ts';
import { receivedError, type TaskReply, type TaskRequest } from './task-message.ts';

export interface TaskLimits {
  /** Milliseconds. */
  readonly timeoutMs: number;
  /** Bytes of resident memory. */
  readonly maxMemoryBytes: number;
  /** Ends the process when it aborts. */
  readonly signal: AbortSignal | undefined;
}

/** A process that transforms pictures, one at a time. */
export interface PictureProcess {
  /** Whether it can take a task. */
  readonly isAlive: boolean;
  /** @throws {TransformError} the error of the task, or why the process was ended */
  run<Name extends TaskName>(name: Name, input: TaskInput<Name>, limits: TaskLimits): Promise<TaskOutput<Name>>;
  end(): void;
}

const memoryCheckMs = 100;
const maxStderrLength = 2_000;
const mainFile = fileURLToPath(new URL(`./child${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));

/** All processes that run. They end with this one, even if it is ended while they work. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts a process. It keeps this one alive only while it has a task.
 */
export function startPictureProcess(): PictureProcess {
  const child = fork(mainFile, {
    env: childEnvironment(process.env),
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  running.add(child);
  let stderr = '';
  child.stderr?.on('data', (piece: Buffer) => {
    stderr = (stderr + piece).slice(-maxStderrLength);
  });
  let isAlive = true;
  let onEnd: (why: string) => void = () => undefined;
  const ended = (why: string): void => {
    isAlive = false;
    running.delete(child);
    onEnd(why);
  };
  child.once('exit', (code, signal) => ended(`it ended (${signal ?? code}) ${stderr}`.trim()));
  child.once('error', (error) => ended(error.message));
  rest(child);

  return {
    get isAlive() {
      return isAlive;
    },
    end() {
      isAlive = false;
      child.kill('SIGKILL');
    },
    run<Name extends TaskName>(name: Name, input: TaskInput<Name>, limits: TaskLimits) {
      const { timeoutMs, maxMemoryBytes, signal } = limits;
      return new Promise<TaskOutput<Name>>((resolve, reject) => {
        const settle = (finish: () => void): void => {
          clearTimeout(timeout);
          clearInterval(memory);
          signal?.removeEventListener('abort', onAbort);
          child.removeListener('message', onMessage);
          onEnd = () => undefined;
          rest(child);
          finish();
        };
        const kill = (error: unknown): void => {
          isAlive = false;
          child.kill('SIGKILL');
          settle(() => reject(error));
        };
        const onAbort = (): void => kill(signal?.reason);
        const onMessage = (reply: TaskReply): void =>
          settle(() => ('failure' in reply ? reject(receivedError(reply.failure)) : resolve(reply.value as never)));
        const timeout = setTimeout(() => kill(tookTooLong()), timeoutMs);
        const memory = setInterval(() => {
          void residentMemory(child.pid ?? 0).then((bytes) => {
            if (bytes !== undefined && bytes > maxMemoryBytes && isAlive) kill(tooMuchMemory(maxMemoryBytes));
          });
        }, memoryCheckMs);
        onEnd = (why) => settle(() => reject(crashed(why)));
        if (!isAlive) return onEnd('it had ended before');
        if (signal?.aborted === true) return settle(() => reject(signal.reason));
        signal?.addEventListener('abort', onAbort, { once: true });
        child.on('message', onMessage);
        work(child);
        const request: TaskRequest<Name> = { name, input };
        child.send(request, (error) => {
          if (error) kill(crashed(error.message));
        });
      });
    },
  };
}

function work(child: ChildProcess): void {
  child.ref();
  child.channel?.ref();
}

function rest(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
  (child.stderr as { unref?(): void } | null)?.unref?.();
}

function tookTooLong(): TransformError {
  return new TransformError('timed_out', 'The transformation took too long');
}

function tooMuchMemory(maxMemoryBytes: number): TransformError {
  const cause = new Error(`The process had more than ${maxMemoryBytes} bytes of memory.`);
  return new TransformError('too_many_pixels', 'The picture needs too much memory', { cause });
}

function crashed(why: string): TransformError {
  const cause = new Error(`The process that made the picture failed: ${why}`);
  return new TransformError('handler_failed', 'The transformation failed', { cause });
}
