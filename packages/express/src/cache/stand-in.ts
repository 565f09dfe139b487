import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { isAnswered } from '@safelight/http';
import { type ResponseBase, standInRequest, standInResponse } from './stand-in-message.ts';
import { type WireHead, WireReader } from './wire-reader.ts';

export interface StandIn<Req = IncomingMessage, Res = ServerResponse> {
  readonly req: Req;
  readonly res: Res;
  /** What the handler writes, from the first byte of the body on. Breaks off when the handler does. */
  readonly body: WireReader;
  /** Rejects when the handler breaks off before its status line. */
  readonly head: Promise<WireHead>;
  /** What the handler has added for after the body. */
  readonly trailers: () => OutgoingHttpHeaders;
}

/**
 * A request and a response for a handler whose answer is not for one client alone: it asks for all of the picture
 * unconditionally, and goes on when the client has left. Real ones, made by Node, with everything that frameworks and
 * middleware have put on the client's: handlers of inner applications change their prototypes.
 * @param added - fields that the handler is to see beside, or instead of, the client's
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
  // Whoever runs the handler hears of it otherwise too.
  head.catch(() => {});
  body.on('error', () => {});
  body.on('drain', () => ownRes.emit('drain'));
  ownRes.assignSocket(body as never);
  ownRes.once('finish', () => body.end());
  // A request is over with its response, whether it was read or not; many clean up then.
  body.once('close', () => ownReq.resume());
  for (const name of information) if (name in res) Object.assign(ownRes, { [name]: passOn.bind(undefined, res, name) });
  (ownReq as { res?: unknown }).res = ownRes;
  let trailers: OutgoingHttpHeaders = {};
  ownRes.addTrailers = (added) => {
    trailers = { ...trailers, ...(added as OutgoingHttpHeaders) };
  };
  return { req: ownReq, res: ownRes, body, head, trailers: () => trailers };
}

/** The last one is not in every Node. */
const information = ['writeContinue', 'writeProcessing', 'writeEarlyHints', 'writeInformation'];

/** Hints are for the one who waits for the answer; whoever comes later gets the answer itself. */
function passOn(res: ServerResponse, name: string, ...args: readonly unknown[]): void {
  const done = args.find((arg) => typeof arg === 'function');
  if (!isAnswered(res)) Reflect.apply(Reflect.get(res, name), res, args);
  else if (done !== undefined) process.nextTick(done);
}
