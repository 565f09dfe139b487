import type { ServerResponse } from 'node:http';
import type { Guard, Target } from '@safelight/core';
import { HandlerRun } from './run-handler.ts';
import { watchersOf } from './watch-response.ts';

/** Whether a request has come here out of a run of the same guard for the same target. */
export function isWithinRun(res: ServerResponse, guard: Guard, target: Target): boolean {
  return watchersOf(res).some((watcher) => watcher instanceof HandlerRun && watcher.makes(guard, target));
}
