import { setTimeout as sleep } from 'node:timers/promises';

/** Limits of time for requests to the bucket, in milliseconds. */
export interface RequestLimits {
  /** The longest wait for the head of a response. */
  readonly firstByteMs: number;
  /** The longest silence while a body is sent or received. */
  readonly idleMs: number;
}

/** Gives one attempt its signal, and restarts its limit of time when something has moved. */
export interface AttemptClock {
  readonly signal: AbortSignal;
  /** Says that bytes were sent: the attempt may again be silent for `idleMs`. */
  moved(): void;
}

/** Limits of time, in milliseconds, and the number of attempts (4 by default). */
export interface AttemptLimits {
  /** The time for one attempt, until something has moved. */
  readonly limitMs: number;
  readonly idleMs: number;
  readonly attempts?: number;
}

const firstPauseMs = 100;
/** After this time, no new attempt begins. */
const lastAttemptMs = 15_000;

/** A request got no definite response: whether it had an effect is not known. */
export class NoResponseError extends Error {
  override readonly name = 'NoResponseError' as const;
}

/**
 * Runs an attempt, and runs it again when it got no definite response: none at all, 409, 429, or 5xx other than 501. So an
 * attempt must have the same effect when it is executed twice.
 *
 * @param what - the subject of messages, such as `GET a/b`
 * @throws the error of the server when it is definite; {@link NoResponseError} when the last attempt has none either
 */
export async function untilDefinite<Result>(
  what: string,
  attempt: (clock: AttemptClock) => Promise<Result>,
  { limitMs, idleMs, attempts = 4 }: AttemptLimits,
): Promise<Result> {
  const startedAt = performance.now();
  for (let count = 1; ; count += 1) {
    try {
      return await within(what, attempt, { limitMs, idleMs });
    } catch (error) {
      if (isDefinite(error)) throw error;
      const pauseMs = firstPauseMs * 2 ** (count - 1) * (0.5 + Math.random());
      if (count >= attempts || performance.now() - startedAt + pauseMs > lastAttemptMs) {
        const told = error instanceof NoResponseError ? error.message : `${what} failed: ${describe(error)}`;
        throw new NoResponseError(`${told} (attempt ${count}). The object storage may be away; try again later.`, {
          cause: error,
        });
      }
      await sleep(pauseMs);
    }
  }
}

async function within<Result>(
  what: string,
  attempt: (clock: AttemptClock) => Promise<Result>,
  { limitMs, idleMs }: { readonly limitMs: number; readonly idleMs: number },
): Promise<Result> {
  const controller = new AbortController();
  let isLate = false;
  let waitMs = limitMs;
  const expire = (): void => {
    isLate = true;
    controller.abort();
  };
  let timer = setTimeout(expire, waitMs);
  const moved = (): void => {
    clearTimeout(timer);
    waitMs = idleMs;
    timer = setTimeout(expire, waitMs);
  };
  try {
    return await attempt({ signal: controller.signal, moved });
  } catch (error) {
    if (isLate) throw new NoResponseError(`${what} got no response within ${waitMs} ms`, { cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The HTTP status of an error of the SDK; `undefined` when there was no response. */
export function statusOfError(error: unknown): number | undefined {
  const { $metadata: metadata } = Object(error) as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return metadata?.httpStatusCode;
}

/** The code of an error of S3, such as `NoSuchKey`. */
export function codeOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/**
 * Whether the server has refused the request, so that it had no effect. A 2xx with a broken body is not definite. 409 and
 * `RequestTimeout` (400) say that the request should be sent again, except 409 of a name that is taken.
 */
export function isDefinite(error: unknown): boolean {
  const status = statusOfError(error);
  if (status === undefined || status < 300 || status === 429) return false;
  if (status === 409) return codeOf(error) === 'FileAlreadyExists';
  return status === 501 || (status < 500 && codeOf(error) !== 'RequestTimeout');
}

/**
 * Whether an error says that an object does not exist. A missing bucket, a missing permission and the 404 of something else
 * say nothing about the object.
 */
export function isNoSuchKey(error: unknown): boolean {
  return statusOfError(error) === 404 && ['NoSuchKey', 'NotFound'].includes(codeOf(error));
}

/** A short text without secrets: the message of the server could have some. */
export function describe(error: unknown): string {
  const status = statusOfError(error);
  if (status !== undefined) return `${status} ${codeOf(error)}`;
  return error instanceof Error ? error.message || error.name : 'unknown error';
}
