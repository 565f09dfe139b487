import { once } from 'node:events';
import { get, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { announce } from './announce.ts';

/**
 * Started as `replay express|http URL…`: writes, from memory, the bytes and headers that these URLs are answered with
 * once they are hits; by Express routes, or by `node:http` alone, which says at any other path how often it has.
 */

interface Replayed {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

let responded = 0;
const [server, ...urls] = process.argv.slice(2);
const responses = new Map<string, Replayed>();
for (const url of urls) responses.set(new URL(url).pathname, await hit(url));
await announce(server === 'express' ? routes() : bare);

function write(res: ServerResponse, { status, headers, body }: Replayed): void {
  res.writeHead(status, headers);
  res.end(body, 'latin1');
}

function routes(): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  for (const [path, response] of responses) app.get(path, (_req, res) => write(res, response));
  return app;
}

function bare(...[req, res]: Parameters<RequestListener>): void {
  const response = responses.get(req.url ?? '');
  if (response === undefined) {
    // Whoever stands in front must not have asked for each request of theirs.
    res.end(String(responded));
    return;
  }
  responded += 1;
  write(res, response);
}

async function hit(url: string): Promise<Replayed> {
  // What is kept is put away behind the first answer.
  for (let asked = 0; asked < 50; asked += 1) {
    const [response] = (await once(get(url), 'response')) as [IncomingMessage];
    const body = await buffer(response);
    if (response.headers['cache-status']?.includes('; hit')) {
      // Node sends a string together with the headers; whoever writes such a route by hand has a string.
      const isText = response.headers['content-type']?.startsWith('text/') === true;
      const sent = isText ? body.toString('latin1') : body;
      return { status: response.statusCode ?? 0, headers: ownHeaders(response), body: sent };
    }
    await wait(20);
  }
  throw new Error(`${url} is not answered from memory, so there is nothing to compare.`);
}

/** As they were spelled and in their order, without those that Node adds by itself. */
function ownHeaders({ rawHeaders }: IncomingMessage): Record<string, string> {
  const fields = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name, rawHeaders[i + 1] ?? ''] as const] : []));
  return Object.fromEntries(fields.filter(([name]) => !/^(?:date|connection|keep-alive)$/i.test(name)));
}
