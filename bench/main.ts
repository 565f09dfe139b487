import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import autocannon from 'autocannon';
import { measureMemory } from './measure-memory.ts';

/**
 * `pnpm bench`: everything that the README claims of speed and memory, as ratios within one run. Both sides of a ratio
 * take turns in short rounds, and the medians of the rounds are compared, so that what else the machine does hits both.
 * `--write` puts the table into the README.
 */

interface Row {
  readonly what: string;
  readonly bare: string;
  readonly safelight: string;
  readonly reached: string;
  readonly aim: string;
}

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    flood: { type: 'string', default: '1000000' },
    write: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const servers = fork(here('servers.ts'));
const [ports] = (await once(servers, 'message')) as [{ readonly guarded: number; readonly bare: number }];
const rows: Row[] = [];
try {
  rows.push(await throughput('held failure, against a route that writes the same bytes and headers', '/missing/cat'));
  rows.push(await throughput('nothing held, around a handler that sends five bytes', '/hello'));
  rows.push(...(await herd()));
} finally {
  servers.disconnect();
}
rows.push(...(await measureMemory(Number(options.flood))));

const table = [
  '| measured | plain Express | with Safelight | reached | aim |',
  '| --- | ---: | ---: | ---: | ---: |',
  ...rows.map(
    ({ what, bare, safelight, reached, aim }) => `| ${what} | ${bare} | ${safelight} | ${reached} | ${aim} |`,
  ),
].join('\n');
console.log(table);
if (options.write) await intoReadme();

async function throughput(what: string, path: string): Promise<Row> {
  const rates = { bare: [] as number[], guarded: [] as number[] };
  for (let round = -2; round < rounds; round += 1) {
    for (const side of ['bare', 'guarded'] as const) {
      const { requests } = await autocannon({
        url: `http://127.0.0.1:${ports[side]}${path}`,
        connections: 20,
        duration: 1,
      });
      // The first rounds only warm up.
      if (round >= 0) rates[side].push(requests.average);
    }
  }
  const bare = median(rates.bare);
  const guarded = median(rates.guarded);
  return {
    what,
    bare: `${Math.round(bare)}/s`,
    safelight: `${Math.round(guarded)}/s`,
    reached: (guarded / bare).toFixed(2),
    aim: '≥ 0.85',
  };
}

/** 1,000 requests at once for 100 derivations of one original that is missing, found out after 200 ms. */
async function herd(): Promise<readonly Row[]> {
  const slowest = { bare: [] as number[], guarded: [] as number[] };
  const lookUps: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    await fetch(`http://127.0.0.1:${ports.guarded}/changed`, { method: 'POST' });
    for (const side of ['bare', 'guarded'] as const) slowest[side].push(await slowestOf(ports[side]));
    lookUps.push((await (await fetch(`http://127.0.0.1:${ports.guarded}/look-ups`)).json()) as number);
  }
  const bare = median(slowest.bare);
  const guarded = median(slowest.guarded);
  const what = '1,000 requests at once, 100 derivations of one missing original';
  return [
    {
      what: `${what}: look-ups`,
      bare: '1000',
      safelight: String(median(lookUps)),
      reached: String(median(lookUps)),
      aim: '1',
    },
    {
      what: `${what}: slowest answer`,
      bare: `${Math.round(bare)} ms`,
      safelight: `${Math.round(guarded)} ms`,
      reached: (guarded / bare).toFixed(2),
      aim: '≤ 1.5',
    },
  ];
}

async function slowestOf(port: number): Promise<number> {
  const { latency } = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections: 1000,
    amount: 1000,
    requests: Array.from({ length: 100 }, (_, width) => ({ path: `/sizes/${width}` })),
  });
  return latency.max;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function intoReadme(): Promise<void> {
  const readme = here('../README.md');
  const text = await readFile(readme, 'utf8');
  const { stdout } = await promisify(execFile)('uname', ['-srm']);
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${stdout.trim()}, Node ${process.version}`;
  const block = `<!-- bench -->\n${table}\n\nMeasured on ${date}: ${machine}.\n<!-- /bench -->`;
  await writeFile(readme, text.replace(/<!-- bench -->[\s\S]*<!-- \/bench -->/, block));
}
