import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import KeyvRedis, { createClient } from '@keyv/redis';
import { badTransformation, createSafelight } from '@safelight/express';
import type { RequestHandler } from '@safelight/http';
import Keyv from 'keyv';
import { median } from './median.ts';

/**
 * Keeps derivatives and holds failures of two assets, `one` of each and `many` of each, by asking for them, and prints
 * the median of what `changed` takes for either, in milliseconds. Started as `time-changed [socket of a Redis]`.
 */

const MANY = 10_000;
const CALLS = 2000;
const atOnce = 50;
/** Odd, since made and refused ones take turns. */
const SAMPLE_EVERY = 101;

const [socketPath] = process.argv.slice(2);
const client =
  socketPath === undefined ? undefined : await createClient({ socket: { path: socketPath, tls: false } }).connect();
const safelight = createSafelight(client === undefined ? {} : { store: new Keyv(new KeyvRedis(client)) });

let runs = 0;
const body = Buffer.alloc(200, 'safelight');
const thumbs: RequestHandler = (req, res) => {
  runs += 1;
  if (req.url?.includes('/refused/')) throw badTransformation('Such a width is not offered.');
  res.setHeader('Content-Type', 'image/jpeg');
  res.end(body);
};
const guarded = safelight.guard(thumbs, { cache: true, asset: (req) => req.url?.split('/')[1] });
const server = createServer((req, res) => guarded(req, res, () => res.writeHead(500).end())).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
const agent = new Agent({ keepAlive: true, maxSockets: atOnce });

const one = pathsOf('one', 1);
const many = pathsOf('many', MANY);
const sample = many.filter((_, i) => i % SAMPLE_EVERY === 0);
await askForAll([...one, ...many]);
await untilAllIsRemembered();

const took = { one: [] as number[], many: [] as number[] };
for (let call = 0; call < CALLS; call += 1) {
  // Neither of them always comes first.
  for (const asset of call % 2 === 0 ? (['many', 'one'] as const) : (['one', 'many'] as const)) {
    const startedAt = performance.now();
    await safelight.changed(asset);
    took[asset].push(performance.now() - startedAt);
  }
}
if ((await runsFor(sample)) < sample.length) throw new Error('Something of the asset was left when it had changed.');
console.log(JSON.stringify({ one: median(took.one), many: median(took.many) }));
process.exit(0);

function pathsOf(asset: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => [`/${asset}/made/${i}`, `/${asset}/refused/${i}`]).flat();
}

async function askForAll(paths: readonly string[]): Promise<void> {
  const left = paths.values();
  const ask = async (): Promise<void> => {
    for (const path of left) {
      const [response] = (await once(get({ port, path, agent }), 'response')) as [IncomingMessage];
      await once(response.resume(), 'end');
    }
  };
  await Promise.all(Array.from({ length: atOnce }, ask));
}

async function runsFor(paths: readonly string[]): Promise<number> {
  const before = runs;
  await askForAll(paths);
  return runs - before;
}

/** What is kept is put away behind its first answer. */
async function untilAllIsRemembered(): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    if ((await runsFor([...one, ...sample])) === 0) return;
    await wait(100);
  }
  throw new Error('Nothing is kept, so there is nothing to invalidate.');
}
