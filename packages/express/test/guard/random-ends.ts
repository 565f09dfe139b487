// A separate program, so that nothing else allocates memory. Prints as JSON what many requests with random ends leave.
import type { Server } from 'node:http';
import type { RequestHandler } from '@safelight/http';
import { ask } from '../../../../test/servers/ask.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, type Listening, passErrorsOn, serve } from '../../../../test/servers/servers.ts';
import { activeResources, createRandom } from '../leaks.ts';
import { moodyHandlers } from './moody-handlers.ts';
import { askUnsteadily } from './unsteady-client.ts';

export interface Leftovers {
  /** Bytes by which the heap has grown in the last of three equal parts. */
  readonly grown: number;
  /** Responses of the last part that are still referenced. */
  readonly responsesHeld: number;
  readonly connections: number;
  /** Handles before and after the last part. */
  readonly handles: readonly [readonly string[], readonly string[]];
  readonly listeners: readonly [Readonly<Record<string, number>>, Readonly<Record<string, number>>];
  /** Warnings and uncaught errors. */
  readonly complaints: readonly string[];
  /** Handlers that ran when they were requested again after the end of all windows. */
  readonly ranAgain: readonly string[];
}

const names = Object.keys(moodyHandlers);
const complaints: string[] = [];
process.on('warning', (warning) => complaints.push(warning.message));
process.on('uncaughtException', (error) => complaints.push(String(error)));
process.on('unhandledRejection', (error) => complaints.push(String(error)));

const [requests = 3000, frameworkName = 'Express 5', kind = 'guard'] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await leftovers(Number(requests))));

async function leftovers(count: number): Promise<Leftovers> {
  const window = { firstMs: 1000, maxMs: 1000 };
  const { safelight, clock } = scene({
    ...{ timeoutMs: 25, backoff: { permanent: window, transient: window }, minQuietMs: 1000 },
    onError: ignored,
  });
  const responses = new Set<WeakRef<object>>();
  let ran = new Set<string>();
  const moody: RequestHandler = (req, res, next) => {
    const name = names[Number(req.url?.slice(1)) % names.length] ?? '';
    responses.add(new WeakRef(res));
    ran.add(name);
    return moodyHandlers[name]?.(req, res, next);
  };
  const guarded = kind === 'guard' ? [safelight.guard(moody)] : [safelight.middleware(), passErrorsOn(moody)];
  const framework = frameworks.find(({ name }) => name === frameworkName) ?? frameworks[0];
  if (framework === undefined) throw new Error('There is no framework.');
  const server = await serve(framework, ...guarded, (_req, res) => void res.end('passed on'));
  const randoms = Array.from({ length: 50 }, (_, i) => createRandom(i));

  const third = async () => {
    let requested = 0;
    const visit = async (random: () => number) => {
      while (requested < count / 3) {
        const paths = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pathAt(random));
        requested += paths.length;
        await askUnsteadily(server.port, paths, random);
        clock.pass(20); // fifty visits end every window
        if (random() < 0.01) await safelight.changed(pathAt(random));
      }
    };
    await Promise.all(randoms.map(visit));
    await quiet(server);
    return heapUsed();
  };

  await third(); // meanwhile code is compiled and optimized
  const heapBefore = await third();
  const [handlesBefore, listenersBefore] = [activeResources(), listenersOf(server.server)];
  responses.clear();
  const heapAfter = await third();
  const responsesHeld = [...responses].filter((ref) => ref.deref() !== undefined).length;
  const connections = await new Promise<number>((resolve) => server.server.getConnections((_, n) => resolve(n)));
  const after = [activeResources(), listenersOf(server.server)] as const;
  clock.pass(24 * 3_600_000);
  ran = new Set();
  for (const i of names.keys()) await ask(server, `/${i}`).catch(() => {});
  await closeServers();
  return {
    grown: heapAfter - heapBefore,
    responsesHeld,
    connections,
    handles: [handlesBefore, after[0]],
    listeners: [listenersBefore, after[1]],
    complaints,
    ranAgain: [...ran].sort(),
  };
}

function pathAt(random: () => number): string {
  return `/${Math.floor(random() * names.length * 3)}`;
}

/** Waits until no connection is open, and 100 ms longer for handlers that go on. */
async function quiet({ server }: Listening): Promise<void> {
  for (let left = 1; left > 0; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    left = await new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
  }
}

async function heapUsed(): Promise<number> {
  for (let i = 0; i < 10; i += 1) {
    global.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().heapUsed;
}

function listenersOf(server: Server): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [owner, emitter] of Object.entries({ server, process })) {
    for (const name of emitter.eventNames()) counts[`${owner} ${String(name)}`] = emitter.listenerCount(name as never);
  }
  return counts;
}

/** A stored error would hold references through its stack. */
function ignored(): void {}
