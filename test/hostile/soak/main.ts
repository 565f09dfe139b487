import { readdir } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { drawPicture } from '../../browsers/site.ts';
import { memoryOf, startServe } from '../serve.ts';
import { hostileClients } from './hostile-clients.ts';

/**
 * `pnpm soak`: polite clients beside one hostile client of each kind, against `safelight serve`. It prints the times of polite
 * requests without and with the hostile ones, and how memory and open files of the server grow. Linux only.
 */

const { values: options } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } });
const soakMs = Number(options.minutes) * 60_000;
const idleMs = Math.min(60_000, soakMs / 4);
const assetCount = 20;

interface Times {
  readonly tookMs: number[];
  readonly failures: string[];
}

async function politeClient(origin: string, until: number, times: Times): Promise<void> {
  for (let turn = 0; Date.now() < until; turn += 1) {
    const asset = Math.floor(Math.random() * assetCount);
    // Nine of ten requests are for a size that others have asked for before.
    const width = turn % 10 === 0 ? 20 + Math.floor(Math.random() * 500) : 100;
    const startedAt = performance.now();
    const url = `${origin}/demo/image/upload/c_fill,h_${width},w_${width}/polite-${asset}.png`;
    const failure = await fetch(url).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status === 200 ? undefined : `${response.status} ${response.headers.get('x-cld-error')}`;
      },
      (error: Error) => `${error.message} ${error.cause}`,
    );
    times.tookMs.push(performance.now() - startedAt);
    if (failure !== undefined) times.failures.push(failure);
    await wait(50);
  }
}

async function politeFor(origin: string, ms: number): Promise<Times> {
  const times: Times = { tookMs: [], failures: [] };
  const until = Date.now() + ms;
  await Promise.all(Array.from({ length: 4 }, () => politeClient(origin, until, times)));
  return times;
}

function percentile({ tookMs }: Times, share: number): number {
  const sorted = tookMs.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}

function summary(name: string, times: Times): string {
  const [p50, p99] = [percentile(times, 0.5).toFixed(1), percentile(times, 0.99).toFixed(1)];
  const first = [...new Set(times.failures)].slice(0, 5).join('; ');
  return `${name}: ${times.tookMs.length} polite requests, p50 ${p50} ms, p99 ${p99} ms, ${times.failures.length} failed ${first}`;
}

const scene = await startServe();
try {
  for (let asset = 0; asset < assetCount; asset += 1) {
    const body = new FormData();
    body.append('upload_preset', 'open');
    body.append('public_id', `polite-${asset}`);
    body.append(
      'file',
      new Blob([(await drawPicture({ width: 1200, height: 900 })).bytes as Uint8Array<ArrayBuffer>]),
      'x',
    );
    await fetch(`${scene.origin}/v1_1/demo/image/upload`, { method: 'POST', body });
  }
  const files = async () => (await readdir(`/proc/${scene.server.child.pid}/fd`)).length;
  const state = async () => `${Math.round((await memoryOf(scene, 'VmRSS')) / 1e6)} MB, ${await files()} open files`;
  await politeFor(scene.origin, idleMs / 4);
  const idle = await politeFor(scene.origin, idleMs);
  console.log(summary('idle', idle));
  console.log(`before: ${await state()}`);

  const end = new AbortController();
  const hostile = Object.values(hostileClients).map((client) =>
    client(scene.origin, end.signal).catch(() => undefined),
  );
  const sampling = setInterval(() => void state().then((text) => console.log(text)), soakMs / 6);
  const soaked = await politeFor(scene.origin, soakMs);
  clearInterval(sampling);
  end.abort();
  await Promise.all(hostile);
  console.log(summary(`with ${hostile.length} hostile clients for ${options.minutes} min`, soaked));
  await wait(3_000);
  console.log(`after: ${await state()}`);
  console.log(`p99 is ${(percentile(soaked, 0.99) / percentile(idle, 0.99)).toFixed(1)} times that of the idle server`);
  console.log(scene.server.errors().split('\n').slice(0, 10).join('\n'));
} finally {
  await scene.end();
}
