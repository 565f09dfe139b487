import { once } from 'node:events';
import { get, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { announce } from './announce.ts';

/**
 * Started as `replay express|http URL…`: fetches each URL until the response is a hit, then serves the same bytes and
 * headers from memory, by Express routes or by `node:http` alone. With `node:http`, any other path returns the number of
 * responses sent so far.
 */

interface Replayed {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

let responseCount = 0;
const [server, ...urls] = process.argv.slice(2);
const responses = new Map<string, Replayed>();
for (const url of urls) responses.set(new URL(url).pathname, await hit(url));

function write(res: ServerResponse, { status, headers, body }: Replayed): void {
  res.writeHead(status, headers);
  res.end(body, 'latin1');
}

/** The routes of `guarded` in their order, so that Express searches as long on both sides of a ratio. */
const patterns = ['/hello', '/stream', '/missing/:id', '/thumbs/:id'];

function routes(): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  const respond: express.RequestHandler = (req, res, next) => {
    const response = responses.get(req.url);
    if (response === undefined) next();
    else write(res, response);
  };
  for (const pattern of patterns) app.get(pattern, respond);
  return app.use(respond);
}

function bare(...[req, res]: Parameters<RequestListener>): void {
  const response = responses.get(req.url ?? '');
  if (response === undefined) {
    // A proxy in front that caches must not have forwarded each of its requests.
    res.end(String(responseCount));
    return;
  }
  responseCount += 1;
  write(res, response);
}

async function hit(url: string): Promise<Replayed> {
  // A derivative is stored after its first response.
  for (let tries = 0; tries < 50; tries += 1) {
    const [response] = (await once(get(url), 'response')) as [IncomingMessage];
    const body = await buffer(response);
    if (response.headers['cache-status']?.includes('; hit')) {
      // Node sends a string together with the headers, and a route written by hand would send a string.
      const isText = response.headers['content-type']?.startsWith('text/') === true;
      const sent = isText ? body.toString('latin1') : body;
      return { status: response.statusCode ?? 0, headers: ownHeaders(response), body: sent };
    }
    await wait(20);
  }
  throw new Error(`${url} was not a hit within 1 s, so there is nothing to compare.`);
}

/** The headers in their spelling and order, without those that Node adds itself. */
function ownHeaders({ rawHeaders }: IncomingMessage): Record<string, string> {
  const fields = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name, rawHeaders[i + 1] ?? ''] as const] : []));
  return Object.fromEntries(fields.filter(([name]) => !/^(?:date|connection|keep-alive)$/i.test(name)));
}

await announce(server === 'express' ? routes() : bare);
