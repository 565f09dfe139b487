import type { IncomingMessage } from 'node:http';
import { matchesVariant } from '@safelight/http';
import { LRUCache } from 'lru-cache';
import type { CapturedError, ErrorCapture } from './error-capture.ts';
import type { SharedErrors } from './shared-errors.ts';

/** All bodies of a process together. */
const maxBytes = 8 * 1024 ** 2;
const maxErrors = 10_000;
/** How long a request waits for a page that is still being written, in milliseconds. */
const maxWaitMs = 2000;

/** The captured errors of one process. Equal bodies are stored once. */
export interface CapturedErrors {
  /**
   * @param id - of the failure that is held
   * @param windowMs - how long it is held, in milliseconds
   */
  put(id: string, capture: ErrorCapture, windowMs: number): void;
  /** The error for a request that was negotiated alike; waits for a body that is still being written. */
  find(id: string, req: IncomingMessage): Promise<CapturedError | undefined> | undefined;
  /** The same for a run that this request has joined. */
  findOf(capture: ErrorCapture, req: IncomingMessage): Promise<CapturedError | undefined>;
}

/** @param shared - those of all processes, if they have a store in common */
export function createCapturedErrors(shared?: SharedErrors): CapturedErrors {
  const pending = new Map<string, Promise<CapturedError | undefined>>();
  const heads = new LRUCache<string, Omit<CapturedError, 'body'>>({ max: maxErrors });
  const bodies = new LRUCache<string, Buffer>({
    maxSize: maxBytes,
    sizeCalculation: (body) => body.length + 100,
  });

  function store(id: string, captured: CapturedError | undefined): void {
    pending.delete(id);
    if (captured === undefined) return;
    const { body, ...head } = captured;
    if (!bodies.has(head.digest)) bodies.set(head.digest, body);
    heads.set(id, head);
  }

  return {
    put(id, { captured }, windowMs) {
      pending.set(id, captured);
      void captured.then((error) => {
        store(id, error);
        return error && shared?.put(id, error, windowMs);
      });
    },
    findOf: ({ captured }, req) => withinPatience(captured).then((error) => suiting(error, req)),
    find(id, req) {
      const waiting = pending.get(id);
      if (waiting !== undefined) return withinPatience(waiting).then((error) => suiting(error, req));
      const head = heads.get(id);
      const body = head && bodies.get(head.digest);
      if (head !== undefined && body !== undefined) {
        const error = suiting({ ...head, body }, req);
        return error && Promise.resolve(error);
      }
      return shared?.find(id).then((error) => {
        store(id, error);
        return suiting(error, req);
      });
    },
  };
}

/** A handler may never end its error page. A request for a held failure does not wait for that. */
async function withinPatience(captured: Promise<CapturedError | undefined>): Promise<CapturedError | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, maxWaitMs, undefined);
  });
  try {
    return await Promise.race([captured, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The error, if the request was negotiated alike. */
function suiting(error: CapturedError | undefined, { headers }: IncomingMessage): CapturedError | undefined {
  return error !== undefined && matchesVariant(headers, error.negotiated) ? error : undefined;
}
