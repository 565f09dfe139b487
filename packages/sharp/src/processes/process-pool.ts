import type { SlotPlace, Slots } from '../slots.ts';
import { type PictureProcess, startPictureProcess } from './picture-process.ts';
import type { TaskInput, TaskName, TaskOutput } from './task.ts';
import type { TaskLimits } from './watch-task.ts';

/**
 * Does a limited number of tasks at once; further tasks wait.
 *
 * @param inputOf - called when the task begins, so that the inputs of waiting tasks are not in memory
 */
export type RunTask = <Name extends TaskName>(
  name: Name,
  inputOf: () => Promise<TaskInput<Name>>,
  place: SlotPlace,
) => Promise<TaskOutput<Name>>;

export interface ProcessPoolOptions extends Omit<TaskLimits, 'signal'> {
  /** There are as many processes as slots. */
  readonly slots: Slots;
}

/** A process that has had no task for this time is ended, and its memory is free. */
const maxIdleMs = 60_000;

/**
 * Creates a pool. Processes are started when they are needed. One that has taken too long or too much memory is killed, and
 * another one takes the next task.
 */
export function createProcessPool({ slots, ...limits }: ProcessPoolOptions): RunTask {
  /** The process that was used last is the last one. */
  const idle: { readonly process: PictureProcess; readonly timer: NodeJS.Timeout }[] = [];

  function takeProcess(): PictureProcess {
    for (let found = idle.pop(); found !== undefined; found = idle.pop()) {
      clearTimeout(found.timer);
      if (found.process.isAlive) return found.process;
    }
    return startPictureProcess();
  }

  function putBack(process: PictureProcess): void {
    if (!process.isAlive) return;
    const timer = setTimeout(() => {
      idle.splice(
        idle.findIndex((entry) => entry.process === process),
        1,
      );
      process.end();
    }, maxIdleMs).unref();
    idle.push({ process, timer });
  }

  return function runTask<Name extends TaskName>(
    name: Name,
    inputOf: () => Promise<TaskInput<Name>>,
    place: SlotPlace,
  ) {
    return slots.run<TaskOutput<Name>>(async () => {
      const input = await inputOf();
      const process = takeProcess();
      try {
        return await process.run(name, input, { ...limits, signal: place.signal });
      } finally {
        putBack(process);
      }
    }, place);
  };
}
