import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Guard } from '@safelight/core';
import type { Next, RequestHandler } from '@safelight/http';
import type { Evidence } from './missing-original.ts';

/** One request for a handler, with what decides about its result. */
export interface HandlerCall<Req extends IncomingMessage, Res extends ServerResponse> extends Evidence {
  readonly guard: Guard;
  readonly handler: RequestHandler<Req, Res>;
  readonly req: Req;
  readonly res: Res;
  readonly next: Next;
  /** Whether the request is a stand-in. Then its own `next`, which methods of Express call, leads to the run, too. */
  readonly isStandIn?: boolean;
  /** Whether the handlers that follow do the work. Then a call of `next` is not the end of the run. */
  readonly nextIsHandler: boolean;
  readonly clock: () => number;
  /** Whether a run for all clients sees this field of the request; the name is in lower case. */
  readonly forwards: (name: string) => boolean;
  /** Whether a placeholder replaces an error for this request. */
  readonly isReplaced: (req: IncomingMessage) => boolean;
  /** Request fields that are part of the target's variant. */
  readonly vary: ReadonlySet<string>;
  /** In which words the client gets a failure. */
  readonly errors: 'safelight' | 'application';
  /** Which of the optional statuses are held. */
  readonly hold: ReadonlySet<number>;
}
