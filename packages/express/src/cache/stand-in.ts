import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { hasResponded } from '@safelight/http';
import { type ResponseBase, standInRequest, standInResponse } from './stand-in-message.ts';
import { type WireHead, WireReader } from './wire-reader.ts';

export interface StandIn<Req = IncomingMessage, Res = ServerResponse> {
  readonly req: Req;
  readonly res: Res;
  /** The body that the handler writes. Fails when the handler breaks off. */
  readonly body: WireReader;
  /** Rejects when the handler breaks off before its status line. */
  readonly head: Promise<WireHead>;
  /** The trailers that the handler has added. */
  readonly trailers: () => OutgoingHttpHeaders;
}

/**
 * A request and a response for a handler that runs for all clients: the request is for the whole picture, without
 * conditions, and the run goes on when the client disconnects. Both are real Node objects with all properties that
 * frameworks and middleware have put on the client's, because handlers of inner applications change their prototypes.
 * @param added - fields that the handler sees besides, or instead of, the client's
 */
export function createStandIn<Req extends IncomingMessage, Res extends ServerResponse>(
  req: Req,
  res: Res,
  base: ResponseBase,
  added: Readonly<Record<string, string>>,
): StandIn<Req, Res> {
  const ownReq = standInRequest(req, added);
  const ownRes = standInResponse(ownReq, res, base);
  const body = new WireReader();
  const head = new Promise<WireHead>((resolve, reject) => {
    body.once('head', resolve);
    body.once('close', () => reject(new Error('The handler ended its response before the status line.')));
  });
  // The caller gets the same error from the run, so this rejection must not count as unhandled.
  head.catch(() => {});
  body.on('error', () => {});
  body.on('drain', () => ownRes.emit('drain'));
  ownRes.assignSocket(body as never);
  ownRes.once('finish', () => body.end());
  // A request ends with its response, also when it was not read; handlers clean up on that event.
  body.once('close', () => ownReq.resume());
  for (const name of information) if (name in res) Object.assign(ownRes, { [name]: passOn.bind(undefined, res, name) });
  (ownReq as { res?: unknown }).res = ownRes;
  let trailers: OutgoingHttpHeaders = {};
  ownRes.addTrailers = (added) => {
    trailers = { ...trailers, ...(added as OutgoingHttpHeaders) };
  };
  return { req: ownReq, res: ownRes, body, head, trailers: () => trailers };
}

/** Not every version of Node has the last one. */
const information = ['writeContinue', 'writeProcessing', 'writeEarlyHints', 'writeInformation'];

/** Informational responses (1xx) go to the client that the handler runs for; later clients get the final response. */
function passOn(res: ServerResponse, name: string, ...args: readonly unknown[]): void {
  const done = args.find((arg) => typeof arg === 'function');
  if (!hasResponded(res)) Reflect.apply(Reflect.get(res, name), res, args);
  else if (done !== undefined) process.nextTick(done);
}
