import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { SearchTooLongError } from '@safelight/core';
import type { CallMessage, ThreadMessage, ThreadOptions } from './index-thread-messages.ts';

const mainFile = fileURLToPath(
  new URL(`./index-thread-main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

type ThreadMethods<Methods> = Record<keyof Methods, (...args: never) => unknown>;

/** A thread that has a connection to the index. It does not hold its process open, except during calls. */
export interface IndexThread<Methods extends ThreadMethods<Methods>> {
  call<Method extends keyof Methods>(
    method: Method,
    ...args: Parameters<Methods[Method]>
  ): Promise<Awaited<ReturnType<Methods[Method]>>>;
  /** Ends the thread after the calls before. */
  close(): Promise<void>;
}

/** @param say - gets messages for the operator */
export function startIndexThread<Methods extends ThreadMethods<Methods>>(
  options: ThreadOptions,
  say: (message: string) => void,
): IndexThread<Methods> {
  // Flags of the process, such as `--input-type`, are not for this module.
  const worker = new Worker(mainFile, { workerData: options, execArgv: [], name: `asset index: ${options.role}` });
  worker.unref();
  const calls = new Map<number, PromiseWithResolvers<unknown>>();
  let count = 0;
  let fault: Error | undefined;

  const take = (call: number): PromiseWithResolvers<unknown> | undefined => {
    const pending = calls.get(call);
    calls.delete(call);
    if (calls.size === 0) worker.unref();
    return pending;
  };
  worker.on('message', (message: ThreadMessage) => {
    if (message.kind === 'note') return say(message.message);
    const pending = take(message.call);
    if (message.kind === 'result') pending?.resolve(message.value);
    else pending?.reject(message.kind === 'failed' ? message.error : new SearchTooLongError(message.maxMs));
  });
  const end = (error: Error): void => {
    fault ??= error;
    for (const call of [...calls.keys()]) take(call)?.reject(fault);
  };
  worker.on('error', (error: unknown) => end(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => end(new Error('The thread of the index has ended.')));

  const call = (method: string, ...args: readonly unknown[]): Promise<unknown> => {
    if (fault !== undefined) return Promise.reject(fault);
    const pending = Promise.withResolvers<unknown>();
    count += 1;
    calls.set(count, pending);
    worker.ref();
    const message: CallMessage = { call: count, method, args };
    try {
      worker.postMessage(message);
    } catch (error) {
      take(count)?.reject(error);
    }
    return pending.promise;
  };
  return {
    call: call as IndexThread<Methods>['call'],
    async close() {
      const closing = call('close');
      fault = new Error('The index is closed.');
      await closing.catch(() => undefined);
      await worker.terminate();
    },
  };
}
