/**
 * Traces flows in a worker thread. A thread loads its own modules, so all code of our packages is instrumented here, even
 * when the main thread has loaded it before.
 */
import { registerHooks } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { Flow, FlowName } from './flow.ts';
import { enterName, instrument } from './instrument.ts';
import { filesOf, hopsOf } from './measures.ts';
import { type Entry, Trace } from './trace.ts';

const minWarmRequests = 3;
const maxRequests = 20;
const quietMs = 50;

const packages = new URL('../../packages/', import.meta.url).href;
const trace = new Trace();
Object.assign(globalThis, { [enterName]: trace.enter });

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const path = url.startsWith(packages) ? url.slice(packages.length) : '';
    const [, packageName, module] = /^([^/]+)\/dist\/(.+)\.js$/.exec(path) ?? [];
    if (packageName === undefined || !loaded.source) return loaded;
    const text = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
    const file = `${packageName}/${module}`;
    const source = instrument(fileURLToPath(url), text, (functionName) => trace.register({ file, functionName }));
    return { ...loaded, source };
  },
});

// Loads our packages, which must not happen before the hooks are registered.
const { openFlow } = await import('./flows.ts');
const traced: [FlowName, readonly Entry[]][] = [];
for (const name of workerData as readonly FlowName[]) traced.push([name, await traceFlow(name)]);
parentPort?.postMessage(traced);

/** Traces a warm request: one with the same number of files and hops as the request before it. */
async function traceFlow(name: FlowName): Promise<readonly Entry[]> {
  const flow = await openFlow(name);
  try {
    let before = await traceRequest(flow);
    for (let request = 2; request <= maxRequests; request++) {
      const entries = await traceRequest(flow);
      if (request > minWarmRequests && measure(entries) === measure(before)) return entries;
      before = entries;
    }
  } finally {
    await flow.close();
  }
  throw new Error(`No two requests of ${name} in a row took the same path, out of ${maxRequests} requests.`);
}

/** Traces one request, until its response is complete and the work after it has ended. */
async function traceRequest(flow: Flow): Promise<readonly Entry[]> {
  await flow.prepare?.();
  await untilQuiet();
  trace.start();
  await flow.request();
  await untilQuiet();
  const entries = trace.stop();
  if (entries.length === 0) throw new Error(`No function in ${packages}*/dist was entered. Run "pnpm build" first.`);
  return entries;
}

/** Resolves when no function has been entered for `quietMs`. */
async function untilQuiet(): Promise<void> {
  let count: number;
  do {
    count = trace.count;
    await setTimeout(quietMs);
  } while (trace.count > count);
}

function measure(entries: readonly Entry[]): string {
  return `${filesOf(entries).length} files, ${hopsOf(entries)} hops`;
}
