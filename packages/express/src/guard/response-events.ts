import type { WholeResponse, WriteOptions } from '@safelight/http';

/** The events of a response that is being watched. */
export interface ResponseEvents {
  /** The status line is about to be sent. `true` withholds the whole response: nothing of it reaches the client. */
  onStatus(status: number, head: WatchedHead): boolean;
  /** A part of a withheld body, as the handler wrote it. */
  onWithheld(chunk: unknown, encoding: unknown): void;
  /** The end of a withheld body, or of its connection. */
  onWithheldEnd(): void;
  /** The client left before the status line. */
  onLeft(): void;
  /** The response broke off after its status line, and not because the client left. */
  onBroken(): void;
  /** The handler destroyed the response before its status line, while the client was still there. */
  onDestroyed(error: unknown): void;
}

/** The rest of a response's head. Read `message` only where it is needed: HTTP/2 has none, and warns about it. */
export interface WatchedHead {
  /** A header, by its name in lower case. */
  header(name: string): unknown;
  /** The reason phrase of the status line; empty when it is left to Node. */
  message(): string;
}

export interface WatchedResponse {
  /** Stops watching: from now on everything passes. */
  release(): void;
  /** Withholds everything that the handler may still write; only `send` reaches the client. */
  withhold(): void;
  /** `watching` until the status line, then `forwarding` to the client or `withheld` from it. */
  readonly state: 'watching' | 'forwarding' | 'withheld';
  /** Sends a response instead of the handler's, without the headers that the handler has set. */
  send(response: WholeResponse, options?: Omit<WriteOptions, 'via'>): void;
}
