/**
 * Traces, for each flow, the functions of our packages that one warm request enters, and prints the number of files and of
 * hops. A hop is the entry into a function of another file than the function entered before it. It runs the code in
 * `dist`, so build first.
 *
 *     node scripts/trace-flows.ts                    the table
 *     node scripts/trace-flows.ts --list cloud-hit   the functions that one flow enters, in their order
 *     node scripts/trace-flows.ts --files cloud-hit  the files of one flow, in the order of their first entry
 */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { type FlowName, flowNames } from './trace/flow.ts';
import { filesOf, hopsOf } from './trace/measures.ts';
import type { Entry } from './trace/trace.ts';

export interface TracedFlow {
  readonly flow: FlowName;
  readonly entries: readonly Entry[];
  /** Each file once, in the order of the first entries. */
  readonly files: readonly string[];
  readonly hops: number;
}

/** Traces flows in a thread of its own, so it does not matter which modules this process has loaded before. */
export async function traceFlows(names: readonly FlowName[] = flowNames): Promise<readonly TracedFlow[]> {
  const worker = new Worker(new URL('./trace/worker.ts', import.meta.url), { workerData: names });
  try {
    const [traced] = (await once(worker, 'message')) as [readonly (readonly [FlowName, readonly Entry[]])[]];
    return traced.map(([flow, entries]) => ({ flow, entries, files: filesOf(entries), hops: hopsOf(entries) }));
  } finally {
    await worker.terminate();
  }
}

async function traceOne(name: string): Promise<TracedFlow> {
  const known = flowNames.find((flowName) => flowName === name);
  const [traced] = known === undefined ? [] : await traceFlows([known]);
  if (traced === undefined) throw new Error(`There is no flow "${name}". The flows are: ${flowNames.join(', ')}.`);
  return traced;
}

async function print(): Promise<readonly string[]> {
  const { values } = parseArgs({
    options: { list: { type: 'string' }, files: { type: 'string' }, write: { type: 'boolean', default: false } },
  });
  if (values.list !== undefined) {
    return (await traceOne(values.list)).entries.map(({ file, functionName }) => `${file} ${functionName}`);
  }
  if (values.files !== undefined) return (await traceOne(values.files)).files;
  const rows = (await traceFlows()).map(({ flow, files, hops }) => `| ${flow} | ${files.length} | ${hops} |`);
  const table = ['| flow | files | hops |', '| --- | ---: | ---: |', ...rows];
  if (values.write) await writeIntoAgents(table);
  return table;
}

async function writeIntoAgents(table: readonly string[]): Promise<void> {
  const path = new URL('../AGENTS.md', import.meta.url);
  const text = await readFile(path, 'utf8');
  await writeFile(
    path,
    text.replace(/<!-- trace -->.*<!-- \/trace -->/s, `<!-- trace -->\n${table.join('\n')}\n<!-- /trace -->`),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log((await print()).join('\n'));
