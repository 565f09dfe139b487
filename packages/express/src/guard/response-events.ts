import type { WholeResponse, WriteOptions } from '@safelight/http';
import type { ErrorCapture } from './error-capture.ts';
import type { ReadField, ResponseFields } from './error-fields.ts';
import type { OwnFields } from './own-fields.ts';

/** The events of a watched response. */
export interface ResponseEvents {
  /**
   * The status line is about to be sent.
   * @returns `withhold`: nothing of the response reaches the client; `delay`: it is sent when `forward` is called
   */
  onStatus(status: number, head: WatchedHead): 'forward' | 'withhold' | 'delay';
  /** The handler has written a part of a withheld or delayed body. The arguments are those of `write` or `end`. */
  onWithheld(chunk: unknown, encoding: unknown): void;
  /** Such a body has ended, or its connection has closed. May be called twice. */
  onWithheldEnd(): void;
  /** The connection closed before the status line, and the handler did not close the connection. */
  onLeft(): void;
  /** The handler broke off the response after its status line. */
  onBroken(): void;
  /** The handler destroyed the response before its status line, while the client was still connected. */
  onDestroyed(error: unknown): void;
}

/** The head of a response without its status. */
export interface WatchedHead {
  /** Returns the fields that the handler itself has set, without those of middleware in front of the guard. */
  own(): OwnFields;
  /** Returns the value of a header. @param name - in lower case */
  header(name: string): unknown;
  /**
   * Returns the reason phrase of the status line; empty when the handler has not set one. Must be called only if the
   * text is needed: HTTP/2 has no reason phrase, so Node prints a warning.
   */
  message(): string;
}

/** Returns the fields to add to a head. */
export type AddedFields = (status: number, read: ReadField) => ResponseFields;

export interface WatchedResponse {
  /** Returns the fields that the handler has set so far. */
  own(): OwnFields;
  /** Returns the value that a header had before the handler ran. @param name - in lower case */
  headerBefore(name: string): unknown;
  /** Stops watching. Everything that is written from now on reaches the client. */
  release(): void;
  /** Withholds everything that the handler writes from now on; only `send` reaches the client. */
  withhold(): void;
  /**
   * `watching` until the status line. Then the response is `forwarding` to the client, `withheld` from it, or `delayed`.
   */
  readonly state: 'watching' | 'forwarding' | 'withheld' | 'delayed';
  /** Takes the body that the handler writes. */
  capture: ErrorCapture | undefined;
  /** Delays everything that the handler writes until `forward` is called. */
  delay(): void;
  /**
   * Sends what was delayed, and from now on everything that is written.
   * @param fields - returns fields to set before the head is sent
   */
  forward(fields?: AddedFields): void;
  /** Sends this response instead of the handler's, without the headers that the handler has set. */
  send(response: WholeResponse, options?: Omit<WriteOptions, 'via'>): void;
}
