/**
 * Traces which functions of our packages one warm request enters, flow by flow, and prints how many files that takes
 * and how many hops. A hop is an entry into a function of another file than the entry before it. Run `pnpm build` first.
 *
 *     node scripts/trace-flows.ts                    the table
 *     node scripts/trace-flows.ts --list cloud-hit   the functions of one flow, in their order
 *     node scripts/trace-flows.ts --files cloud-hit  the files of one flow, in the order of their first entry
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Entry } from './trace/trace.ts';

export interface TracedFlow {
  readonly flow: string;
  readonly entries: readonly Entry[];
  /** Each once, in the order of their first entry. */
  readonly files: readonly string[];
  readonly hops: number;
}

/** Traces all flows, in a thread of its own: what the process has loaded before does not matter. */
export async function traceFlows(): Promise<readonly TracedFlow[]> {
  const worker = new Worker(new URL('./trace/worker.ts', import.meta.url));
  const [traced] = (await once(worker, 'message')) as [Record<string, readonly Entry[]>];
  await worker.terminate();
  return Object.entries(traced).map(([flow, entries]) => ({
    flow,
    entries,
    files: [...new Set(entries.map(({ file }) => file))],
    hops: entries.filter(({ file }, index) => index > 0 && file !== entries[index - 1]?.file).length,
  }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values: options } = parseArgs({ options: { list: { type: 'string' }, files: { type: 'string' } } });
  const traced = await traceFlows();
  const named = (name: string): TracedFlow => {
    const found = traced.find(({ flow }) => flow === name);
    if (found === undefined) throw new Error(`There is no flow ${name}; there are ${traced.map(({ flow }) => flow)}.`);
    return found;
  };
  const lines =
    options.list !== undefined
      ? named(options.list).entries.map(({ file, functionName }) => `${file} ${functionName}`)
      : options.files !== undefined
        ? named(options.files).files
        : [
            '| flow | files | hops |',
            '| --- | ---: | ---: |',
            ...traced.map(({ flow, files, hops }) => `| ${flow} | ${files.length} | ${hops} |`),
          ];
  console.log(lines.join('\n'));
}
