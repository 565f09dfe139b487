import type { Option } from 'commander';
import { flag } from './command-flag.ts';
import type { DrainTimes } from './drain.ts';
import { formatDuration } from './duration.ts';
import { duration, pause } from './flag-values.ts';

export interface DrainFlags {
  readonly drainWait: number;
  readonly drainGrace: number;
}

const graceMs = 10_000;

/** The flags about the end of the server. */
export function drainFlags(): readonly Option[] {
  return [
    flag(
      '--drain-wait <duration>',
      'after SIGTERM, time to accept further requests while load balancers notice that the server is not ready',
    )
      .argParser(pause)
      .default(0, '0'),
    flag('--drain-grace <duration>', 'then the time for running requests to end')
      .argParser(duration)
      .default(graceMs, formatDuration(graceMs)),
  ];
}

export function drainTimesOf({ drainWait, drainGrace }: DrainFlags): DrainTimes {
  return { waitMs: drainWait, graceMs: drainGrace };
}
