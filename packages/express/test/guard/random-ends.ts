// A program of its own, so that nothing else allocates: what is left after many requests with random ends, as JSON.
import type { Server } from 'node:http';
import type { RequestHandler } from '@safelight/http';
import { ask } from '../../../../test/servers/ask.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, type Listening, serve } from '../../../../test/servers/servers.ts';
import { moodyHandlers } from './moody-handlers.ts';
import { askUnsteadily, createRandom } from './unsteady-client.ts';

export interface Leftovers {
  /** Bytes by which the heap has grown in the last of three equal parts. */
  readonly grown: number;
  /** Responses of the last part that something still holds. */
  readonly responsesHeld: number;
  readonly connections: number;
  /** Handles and listeners before and after. */
  readonly handles: readonly [readonly string[], readonly string[]];
  readonly listeners: readonly [Readonly<Record<string, number>>, Readonly<Record<string, number>>];
  /** Warnings and errors that reached nobody. */
  readonly complaints: readonly string[];
  /** Handlers that ran when asked afterwards, once everything that was held is over. */
  readonly ranAgain: readonly string[];
}

const names = Object.keys(moodyHandlers);
const complaints: string[] = [];
process.on('warning', (warning) => complaints.push(warning.message));
process.on('uncaughtException', (error) => complaints.push(String(error)));
process.on('unhandledRejection', (error) => complaints.push(String(error)));

const [requests = 3000, frameworkName = 'Express 5', door = 'guard'] = process.argv.slice(2);
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
  const guarded = door === 'guard' ? [safelight.guard(moody)] : [safelight.middleware(), transientFaultsOn(moody)];
  const framework = frameworks.find(({ name }) => name === frameworkName) ?? frameworks[0];
  if (framework === undefined) throw new Error('There is no framework.');
  const server = await serve(framework, ...guarded, (_req, res) => void res.end('passed on'));
  const randoms = Array.from({ length: 50 }, (_, i) => createRandom(i));

  const third = async () => {
    let asked = 0;
    const visit = async (random: () => number) => {
      while (asked < count / 3) {
        const paths = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pathAt(random));
        asked += paths.length;
        await askUnsteadily(server.port, paths, random);
        clock.pass(20); // so that every window is over after fifty visits
        if (random() < 0.01) await safelight.changed(pathAt(random));
      }
    };
    await Promise.all(randoms.map(visit));
    await quiet(server);
    return heapUsed();
  };

  await third(); // until then code is still being compiled, and thrown away again
  const heapBefore = await third();
  const [handlesBefore, listenersBefore] = [handles(), listenersOf(server.server)];
  responses.clear();
  const heapAfter = await third();
  const responsesHeld = [...responses].filter((ref) => ref.deref() !== undefined).length;
  const connections = await new Promise<number>((resolve) => server.server.getConnections((_, n) => resolve(n)));
  const after = [handles(), listenersOf(server.server)] as const;
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

/** What follows in a stack of `node:http` is called, and never caught. */
function transientFaultsOn(handler: RequestHandler): RequestHandler {
  return async (req, res, next) => {
    try {
      await handler(req, res, next);
    } catch (error) {
      next(error);
    }
  };
}

/** Waits until no connection is left, and for handlers that go on after it. */
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

function handles(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'Immediate')
    .sort();
}

function listenersOf(server: Server): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [owner, emitter] of Object.entries({ server, process })) {
    for (const name of emitter.eventNames()) counts[`${owner} ${String(name)}`] = emitter.listenerCount(name as never);
  }
  return counts;
}

/** An error that is kept would keep what its stack has seen. */
function ignored(): void {}
