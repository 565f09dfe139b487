import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { hasResponded } from '@safelight/http';
import { type InitialHead, type StandInFields, standInRequest, standInResponse } from './stand-in-message.ts';
import { type WireHead, WireReader } from './wire-reader.ts';

export interface StandIn<Req = IncomingMessage, Res = ServerResponse> {
  readonly req: Req;
  readonly res: Res;
  /** The body that the handler writes. Destroyed with an error when the handler breaks off. */
  readonly body: WireReader;
  /** Rejects when the handler breaks off before its status line. */
  readonly head: Promise<WireHead>;
  /** The trailers that the handler has added. */
  readonly trailers: () => OutgoingHttpHeaders;
}

/**
 * Creates a request and a response for a handler that runs for all clients. The request is for the whole picture,
 * without conditions, and the run goes on when the client disconnects. Both are real Node objects, because inner
 * applications change their prototypes. They have all properties that frameworks and middleware have set on the
 * client's.
 */
export function createStandIn<Req extends IncomingMessage, Res extends ServerResponse>(
  req: Req,
  res: Res,
  initial: InitialHead,
  fields: StandInFields,
): StandIn<Req, Res> {
  const ownReq = standInRequest(req, fields);
  const ownRes = standInResponse(ownReq, res, initial);
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
  // A request ends with its response, even when it was not read; handlers clean up on that event.
  body.once('close', () => ownReq.resume());
  for (const name of informationalMethods) {
    if (name in res) Object.assign(ownRes, { [name]: sendInformation.bind(undefined, res, name) });
  }
  (ownReq as { res?: unknown }).res = ownRes;
  let trailers: OutgoingHttpHeaders = {};
  ownRes.addTrailers = (newTrailers) => {
    trailers = { ...trailers, ...(newTrailers as OutgoingHttpHeaders) };
  };
  return { req: ownReq, res: ownRes, body, head, trailers: () => trailers };
}

/** Methods that send 1xx responses. Older versions of Node do not have the last one. */
const informationalMethods = ['writeContinue', 'writeProcessing', 'writeEarlyHints', 'writeInformation'];

/**
 * Sends an informational response (1xx) to the client that the handler runs for. Other clients get the final response
 * only.
 */
function sendInformation(res: ServerResponse, name: string, ...args: readonly unknown[]): void {
  const done = args.find((arg) => typeof arg === 'function');
  if (!hasResponded(res)) Reflect.apply(Reflect.get(res, name), res, args);
  else if (done !== undefined) process.nextTick(done);
}
