/**
 * Runs in a worker thread of its own, whose modules are loaded anew: there all code of our packages is instrumented,
 * whatever the main thread has loaded before.
 */
import { registerHooks } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';
import type { Flow, OpenFlow } from './flow.ts';
import { enterName, instrument } from './instrument.ts';
import { type Entry, Trace } from './trace.ts';

const WARM_REQUESTS = 5;
const QUIET_MS = 100;

const packages = new URL('../../packages/', import.meta.url).href;
const trace = new Trace();
Object.assign(globalThis, { [enterName]: trace.enter });

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const [, packageName, module] = url.startsWith(packages)
      ? (/^([^/]+)\/dist\/(.+)\.js$/.exec(url.slice(packages.length)) ?? [])
      : [];
    if (packageName === undefined || module === undefined || !loaded.source) return loaded;
    const file = `${packageName}/${module}`;
    const source = instrument(fileURLToPath(url), sourceText(loaded.source), (functionName) =>
      trace.register({ file, functionName }),
    );
    return { ...loaded, source };
  },
});

const { flows } = await import('./flows.ts');
const traced: Record<string, readonly Entry[]> = {};
for (const [name, open] of Object.entries<OpenFlow>(flows)) traced[name] = await traceFlow(open);
parentPort?.postMessage(traced);

async function traceFlow(open: OpenFlow): Promise<readonly Entry[]> {
  const flow = await open();
  try {
    for (let request = 0; request < WARM_REQUESTS; request++) await once(flow);
    return await once(flow);
  } finally {
    await flow.close();
  }
}

/** One request, up to its complete response and the end of the work behind it. */
async function once(flow: Flow): Promise<readonly Entry[]> {
  await flow.prepare?.();
  await quiet();
  trace.start();
  await flow.request();
  await quiet();
  return trace.stop();
}

/** Resolves when no function has been entered for a while. */
async function quiet(): Promise<void> {
  let length: number;
  do {
    length = trace.length;
    await setTimeout(QUIET_MS);
  } while (trace.length > length);
}

function sourceText(source: string | ArrayBuffer | NodeJS.TypedArray): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source);
}
