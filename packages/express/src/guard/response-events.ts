import type { WholeResponse, WriteOptions } from '@safelight/http';

/** The events of a watched response. */
export interface ResponseEvents {
  /**
   * The status line is about to be sent.
   * @returns `true` to withhold the response, so that no part of the response reaches the client
   */
  onStatus(status: number, head: WatchedHead): boolean;
  /** The handler has written a part of a withheld body. The arguments are those of `write` or `end`. */
  onWithheld(chunk: unknown, encoding: unknown): void;
  /** A withheld body has ended, or its connection has closed. May be called twice. */
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
  /** Returns the value of a header. @param name - in lower case */
  header(name: string): unknown;
  /**
   * Returns the reason phrase of the status line; empty when the handler has not set one. Must be called only if the
   * text is needed: HTTP/2 has no reason phrase, so Node prints a warning.
   */
  message(): string;
}

export interface WatchedResponse {
  /** Stops watching. Everything that is written from now on reaches the client. */
  release(): void;
  /** Withholds everything that the handler writes from now on; only `send` reaches the client. */
  withhold(): void;
  /** `watching` until the status line, then `forwarding` to the client or `withheld` from it. */
  readonly state: 'watching' | 'forwarding' | 'withheld';
  /** Sends this response instead of the handler's, without the headers that the handler has set. */
  send(response: WholeResponse, options?: Omit<WriteOptions, 'via'>): void;
}
