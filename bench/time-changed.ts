import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { badTransformation, createSafelight } from '@safelight/express';
import type { RequestHandler } from '@safelight/http';
import { median } from './median.ts';
import { openStore } from './open-store.ts';

/**
 * Measures how long `changed` takes for two assets: `one` has one cached derivative and one held failure, `many` has as many
 * as the argument says of each. It requests all of them, and prints the two medians in milliseconds. Started as
 * `time-changed count [socket of a Redis]`.
 */

const calls = 2000;
const maxSockets = 50;
/** Odd, because paths of derivatives and paths of failures take turns. */
const sampleEvery = 101;

const [count = '', socketPath] = process.argv.slice(2);
const manyCount = Number(count);
const safelight = createSafelight(socketPath === undefined ? {} : { store: await openStore('redis', socketPath) });

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
const agent = new Agent({ keepAlive: true, maxSockets });

const one = pathsOf('one', 1);
const many = pathsOf('many', manyCount);
const sample = many.filter((_, i) => i % sampleEvery === 0);
await requestAll([...one, ...many]);
await untilAllIsStored();

const took = { one: [] as number[], many: [] as number[] };
for (let call = 0; call < calls; call += 1) {
  // The order alternates.
  for (const asset of call % 2 === 0 ? (['many', 'one'] as const) : (['one', 'many'] as const)) {
    const startedAt = performance.now();
    await safelight.changed(asset);
    took[asset].push(performance.now() - startedAt);
  }
}
if ((await runsFor(sample)) < sample.length)
  throw new Error('After changed(), a derivative or a failure of the asset was still found.');
console.log(JSON.stringify({ one: median(took.one), many: median(took.many) }));
process.exit(0);

function pathsOf(asset: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => [`/${asset}/made/${i}`, `/${asset}/refused/${i}`]).flat();
}

async function requestAll(paths: readonly string[]): Promise<void> {
  const left = paths.values();
  const requestNext = async (): Promise<void> => {
    for (const path of left) {
      const [response] = (await once(get({ port, path, agent }), 'response')) as [IncomingMessage];
      await once(response.resume(), 'end');
    }
  };
  await Promise.all(Array.from({ length: maxSockets }, requestNext));
}

async function runsFor(paths: readonly string[]): Promise<number> {
  const before = runs;
  await requestAll(paths);
  return runs - before;
}

/** A derivative is stored after its first response. */
async function untilAllIsStored(): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    if ((await runsFor([...one, ...sample])) === 0) return;
    await wait(100);
  }
  throw new Error('The derivatives were not cached within 5 s, so changed() would have nothing to invalidate.');
}
