import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Fault, FaultError } from '@safelight/core';
import { readCacheDirectives, variantOf } from '@safelight/http';
import type { OwnFields } from './own-fields.ts';

/** An error response of the application, to be sent again. */
export interface CapturedError {
  readonly status: number;
  /** The fields that the handler itself has set. Those of middleware come from each request's own response. */
  readonly headers: OwnFields;
  readonly body: Buffer;
  /** The `digestOf` the body: two bodies with the same digest are the same. */
  readonly digest: string;
  /** The fields that negotiated it, with the values of the request. */
  readonly negotiated: Readonly<Record<string, string | null>>;
}

export const maxBodyBytes = 65_536;

/** About one connection or one moment, not about the error. */
export const notRepeated: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'transfer-encoding', 'trailer', 'upgrade', 'date', 'age', 'content-length'],
]);

/** Takes the body of an error response while it is written. */
export class ErrorCapture {
  /** Resolves at the end of the body; `undefined` when it cannot be captured. */
  readonly captured: Promise<CapturedError | undefined>;
  readonly #resolve: (captured: CapturedError | undefined) => void;
  readonly #head: Omit<CapturedError, 'body' | 'digest'>;
  #chunks: Buffer[] | undefined = [];
  #bytes = 0;

  constructor(head: Omit<CapturedError, 'body' | 'digest'>) {
    const { promise, resolve } = Promise.withResolvers<CapturedError | undefined>();
    this.captured = promise;
    this.#resolve = resolve;
    this.#head = head;
  }

  /** @param chunk - in each form that `write` takes */
  add(chunk: unknown, encoding: unknown): void {
    if (this.#chunks === undefined) return;
    const isText = typeof chunk === 'string';
    if (!isText && !(chunk instanceof Uint8Array)) return;
    // Copied, because the handler may use its memory again.
    const bytes = isText ? Buffer.from(chunk, encodingOf(encoding)) : Buffer.from(chunk);
    this.#bytes += bytes.length;
    if (this.#bytes > maxBodyBytes) this.abandon();
    else this.#chunks.push(bytes);
  }

  end(): void {
    if (this.#chunks === undefined) return;
    const body = Buffer.concat(this.#chunks);
    this.#chunks = undefined;
    this.#resolve({ ...this.#head, body, digest: digestOf(body) });
  }

  /** The body is too large, or it broke off. */
  abandon(): void {
    this.#chunks = undefined;
    this.#resolve(undefined);
  }
}

export function digestOf(text: Buffer | string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function encodingOf(encoding: unknown): BufferEncoding {
  return typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8';
}

/** The fault of a response that the handler has written. */
export class WrittenFault extends FaultError {
  readonly capture: ErrorCapture | undefined;

  constructor(fault: Fault, capture: ErrorCapture | undefined) {
    super(fault);
    this.capture = capture;
  }
}

/**
 * Begins to capture an error response, if other clients may get it: the request has neither `Cookie` nor
 * `Authorization`, and the response says none of `no-store`, `private` and `Set-Cookie`.
 */
export function captureOf(
  status: number,
  own: OwnFields,
  { headers }: IncomingMessage,
  res: ServerResponse,
): ErrorCapture | undefined {
  if (headers.cookie !== undefined || headers.authorization !== undefined) return undefined;
  if (own['set-cookie'] !== undefined || res.hasHeader('set-cookie')) return undefined;
  const said = own['cache-control'] ?? res.getHeader('cache-control');
  const { noStore, isPrivate } = readCacheDirectives(said === undefined ? {} : { 'cache-control': String(said) });
  if (noStore || isPrivate) return undefined;
  const negotiated = variantOf(headers, { headers: { vary: 'Accept, Accept-Encoding' } });
  if (negotiated === undefined) return undefined;
  const repeated = Object.entries(own).filter(([name]) => !notRepeated.has(name));
  return new ErrorCapture({ status, headers: Object.fromEntries(repeated), negotiated });
}
