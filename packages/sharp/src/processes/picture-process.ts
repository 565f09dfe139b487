import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TransformError } from '@safelight/core';
import { childEnvironment } from './child-environment.ts';
import type { TaskInput, TaskName, TaskOutput } from './task.ts';
import { receivedError, type TaskReply, type TaskRequest } from './task-message.ts';
import { putBehindServer, type TaskLimits, watchTask } from './watch-task.ts';

/** A process that transforms pictures, one at a time. */
export interface PictureProcess {
  /** Whether it can take a task. */
  readonly isAlive: boolean;
  /** @throws {TransformError} the error of the task, or why the process was ended */
  run<Name extends TaskName>(name: Name, input: TaskInput<Name>, limits: TaskLimits): Promise<TaskOutput<Name>>;
  end(): void;
}

const maxStderrLength = 2_000;
const mainFile = fileURLToPath(new URL(`./child${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));

/** All processes that run. They end with this one, even if it is ended while they work. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a process. It keeps this one alive only while it has a task. */
export function startPictureProcess(): PictureProcess {
  const child = fork(mainFile, {
    env: childEnvironment(process.env),
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  running.add(child);
  putBehindServer(child);
  let stderr = '';
  child.stderr?.on('data', (piece: Buffer) => {
    stderr = (stderr + piece).slice(-maxStderrLength);
  });
  let isAlive = true;
  let onEnded: (why: string, isBusy: boolean) => void = () => undefined;
  const ended = (why: string, isBusy = false): void => {
    isAlive = false;
    running.delete(child);
    onEnded(why, isBusy);
  };
  child.once('exit', (code, signal) => ended(`it ended (${signal ?? code}) ${stderr}`.trim()));
  child.once('error', (error) => ended(error.message, outOfResources.has((error as NodeJS.ErrnoException).code ?? '')));
  rest(child);

  function end(): void {
    isAlive = false;
    child.kill('SIGKILL');
  }

  function run<Name extends TaskName>(name: Name, input: TaskInput<Name>, limits: TaskLimits) {
    return new Promise<TaskOutput<Name>>((resolve, reject) => {
      if (limits.signal?.aborted === true) return reject(limits.signal.reason);
      if (!isAlive) return reject(crashed('it had ended before'));
      const settle = (finish: () => void): void => {
        watch.stop();
        child.removeListener('message', onMessage);
        onEnded = () => undefined;
        rest(child);
        // The next picture gets a process with the usual priority.
        if (watch.isDemoted) end();
        finish();
      };
      const kill = (reason: unknown): void => {
        end();
        settle(() => reject(reason));
      };
      const onMessage = (reply: TaskReply): void =>
        settle(() => ('failure' in reply ? reject(receivedError(reply.failure)) : resolve(reply.value as never)));
      const watch = watchTask(child, limits, kill);
      onEnded = (why, isBusy) => settle(() => reject(isBusy ? noProcess(why) : crashed(why)));
      child.on('message', onMessage);
      // It could not be started. The error that says why comes next.
      if (child.pid === undefined) return;
      work(child);
      const request: TaskRequest<Name> = { name, input };
      try {
        child.send(request, (error) => {
          if (error) kill(crashed(error.message));
        });
      } catch (error) {
        // The process could not be started, or the input cannot be sent.
        kill(crashed(error instanceof Error ? error.message : String(error)));
      }
    });
  }

  return {
    get isAlive() {
      return isAlive;
    },
    run,
    end,
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

/** What a system has too few of, when it starts no process. */
const outOfResources: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']);

function noProcess(why: string): TransformError {
  const cause = new Error(`No process could be started: ${why}`);
  return new TransformError('busy', 'Too many files or processes are open', { cause, retryAfterMs: 2_000 });
}

function crashed(why: string): TransformError {
  const cause = new Error(`The process that made the picture failed: ${why}`);
  return new TransformError('handler_failed', 'The transformation failed', { cause });
}
