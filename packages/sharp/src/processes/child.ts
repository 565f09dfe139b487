import sharp from 'sharp';
import { tasks } from './task.ts';
import { sentError, type TaskReply, type TaskRequest } from './task-message.ts';

/**
 * The main file of a process that transforms pictures. It does one task at a time. It ends itself by a signal when its
 * parent has gone: `process.exit` would wait for native work, which may never end.
 */

// Each task has another original, so a cache would only hold memory.
sharp.cache(false);

// A terminal and a service manager send these signals to all processes. The parent finishes its requests first, and then
// ends this one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', (request: TaskRequest) => {
  const run = tasks[request.name] as (input: unknown) => Promise<unknown>;
  run(request.input).then(
    (value) => reply({ value }),
    (error: unknown) => reply({ failure: sentError(error) }),
  );
});

function reply(message: TaskReply): void {
  process.send?.(message);
}
