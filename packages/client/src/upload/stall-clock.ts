import { SafelightError } from '../safelight-error.ts';

export interface StallClockOptions {
  readonly stallTimeoutMs: number;
  readonly readyTimeoutMs: number;
  /** Size of the body; bounds an attempt whose bytes nobody watches. */
  readonly bytes: number;
  readonly watched: boolean;
  /** Called once at most. */
  readonly expire: (error: SafelightError) => void;
}

export interface StallClock {
  /** A byte has moved. */
  moved(): void;
  /** Everything has left this machine: from here on it is the server's turn. */
  sent(): void;
  stop(): void;
}

const slowestBytesPerMs = 8;

/**
 * Bounds one attempt. While sending, the clock starts again with every byte that moves; once everything is sent (when
 * some megabytes may still sit in socket buffers, so silence is normal) it runs once, for the answer.
 */
export function startStallClock(options: StallClockOptions): StallClock {
  const { stallTimeoutMs, readyTimeoutMs, bytes, watched, expire } = options;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const start = (ms: number, isStall: boolean): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () =>
        expire(
          isStall
            ? new SafelightError('stalled', `No byte of the upload moved for ${stallTimeoutMs} ms.`, {
                retryable: true,
                phase: 'sending',
                hint: 'Check the connection; stallTimeoutMs is the limit.',
              })
            : new SafelightError('not_ready_in_time', `The upload was not answered within ${ms} ms.`, {
                retryable: true,
                phase: 'processing',
                hint: 'It may become ready yet: ask client.whenReady(), or raise readyTimeoutMs.',
              }),
        ),
      ms,
    );
  };
  const moved = (): void => start(stallTimeoutMs, true);
  if (watched) {
    moved();
  } else {
    start(stallTimeoutMs + readyTimeoutMs + bytes / slowestBytesPerMs, false);
  }
  return { moved, sent: () => start(readyTimeoutMs, false), stop: () => clearTimeout(timer) };
}
