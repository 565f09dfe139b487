import { readFile, writeFile } from 'node:fs/promises';
import { arch, cpus, release, type } from 'node:os';
import { parseArgs } from 'node:util';
import { findLoad } from './load.ts';
import type { Row } from './row.ts';
import { assetIndex } from './rows/asset-index.ts';
import { cachedDerivative } from './rows/cached-derivative.ts';
import { changed } from './rows/changed.ts';
import { heldFailure } from './rows/held-failure.ts';
import { herd } from './rows/herd.ts';
import { isolation } from './rows/isolation.ts';
import { listener } from './rows/listener.ts';
import { memory } from './rows/memory.ts';
import { nothingHeld } from './rows/nothing-held.ts';
import { passThrough } from './rows/pass-through.ts';
import { sharedStore } from './rows/shared-store.ts';
import { createScene, type Scene } from './scene.ts';

/**
 * `pnpm bench`: measures every claim of the README about speed and memory, as ratios within one run. Each side of a ratio
 * is a process of its own. The sides take turns in short rounds, and the medians of the rounds are compared, so that other
 * load on the machine slows all sides alike. `--only listener,changed` measures some groups; `--write` writes the table
 * into the README.
 */

const groups: Readonly<Record<string, (scene: Scene) => Promise<readonly Row[]>>> = {
  'held-failure': heldFailure,
  'nothing-held': nothingHeld,
  herd,
  'cached-derivative': cachedDerivative,
  listener,
  'pass-through': passThrough,
  isolation,
  changed,
  'shared-store': sharedStore,
  'asset-index': assetIndex,
  memory,
};

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    flood: { type: 'string', default: '1000000' },
    only: { type: 'string', default: Object.keys(groups).join() },
    write: { type: 'boolean', default: false },
  },
});
const names = options.only.split(',');
const unknown = names.find((name) => groups[name] === undefined);
if (unknown !== undefined) {
  throw new Error(
    `--only has "${unknown}", which is not a group of rows. The groups are: ${Object.keys(groups).join()}.`,
  );
}

if (options.write && names.length < Object.keys(groups).length) {
  throw new Error('--write replaces the whole table; leave out --only.');
}

const load = findLoad();
const notes = [
  `Requests a second were measured with ${load.madeBy}; autocannon makes the 1,000 requests at once and the random URLs.`,
];
const rows: Row[] = [];
for (const name of names) {
  const scene = createScene({
    rounds: Number(options.rounds),
    flood: Number(options.flood),
    load,
    note: (sentence) => void notes.push(sentence),
  });
  try {
    rows.push(...((await groups[name]?.(scene)) ?? []));
  } finally {
    await scene.end();
  }
}

const table = [
  '| measured | other side | Safelight | reached | aim |',
  '| --- | ---: | ---: | ---: | ---: |',
  ...rows.map(
    ({ what, other, safelight, reached, aim }) => `| ${what} | ${other} | ${safelight} | ${reached} | ${aim} |`,
  ),
].join('\n');
const text = `${table}\n\n${[...notes, conditions()].join('\n')}`;
console.log(text);
if (options.write) await writeIntoReadme();

function conditions(): string {
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${type()} ${release()} ${arch()}, Node ${process.version}`;
  return `Measured on ${date}: ${machine}.`;
}

async function writeIntoReadme(): Promise<void> {
  const readme = new URL('../README.md', import.meta.url);
  const before = await readFile(readme, 'utf8');
  await writeFile(readme, before.replace(/<!-- bench -->[\s\S]*<!-- \/bench -->/, wrapped));
}

function wrapped(): string {
  return `<!-- bench -->\n${text}\n<!-- /bench -->`;
}
