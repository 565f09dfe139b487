import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from './history.ts';
import type { LosingProxy } from './losing-proxy.ts';
import type { Cluster } from './processes.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface FaultScene {
  readonly cluster: Cluster;
  readonly random: SeededRandom;
  /** How long the effect stays, in milliseconds. */
  readonly holdMs: number;
}

type CauseFault = (scene: FaultScene) => Promise<Omit<Fault, 'kind'>>;

/** A fault of the connection between Redis and one server, or all servers. */
function ofProxy(
  begin: (proxy: LosingProxy, random: SeededRandom) => void,
  effect: { readonly store: NonNullable<Fault['store']>; readonly isSure: boolean },
): CauseFault {
  return async ({ cluster, random, holdMs }) => {
    const chosen = random.fraction() < 0.7 ? [random.pick(cluster.servers)] : cluster.servers;
    const startedAt = Date.now();
    for (const { proxy } of chosen) begin(proxy, random);
    const from = Date.now();
    await wait(holdMs);
    const until = Date.now();
    for (const { proxy } of chosen) proxy.mend();
    // What the proxy has held arrives now.
    await wait(50);
    const servers = chosen.map(({ index }) => index);
    const during = effect.isSure ? { during: { from, until } } : {};
    return { servers, startedAt, endedAt: Date.now(), ...during, store: effect.store };
  };
}

/** A fault of Redis, which all servers see. */
function ofRedis(
  effect: NonNullable<Fault['store']>,
  act: (scene: FaultScene, hold: () => Promise<void>) => Promise<void>,
): CauseFault {
  return async (scene) => {
    const startedAt = Date.now();
    let during: Fault['during'];
    await act(scene, async () => {
      const from = Date.now();
      await wait(scene.holdMs);
      during = { from, until: Date.now() };
    });
    const servers = scene.cluster.servers.map(({ index }) => index);
    return { servers, startedAt, endedAt: Date.now(), ...(during ? { during } : {}), store: effect };
  };
}

/** Each fault ends before its promise resolves, and returns when it had which effect. */
export const faultKinds: Readonly<Record<string, CauseFault>> = {
  'server killed': async ({ cluster, random, holdMs }) => {
    const server = random.pick(cluster.servers);
    const startedAt = Date.now();
    await server.kill();
    await wait(holdMs / 2);
    await server.start();
    return { servers: [server.index], startedAt, endedAt: Date.now(), process: 'killed' };
  },
  'server stopped': async ({ cluster, random, holdMs }) => {
    const server = random.pick(cluster.servers);
    const startedAt = Date.now();
    server.freeze();
    await wait(holdMs);
    server.thaw();
    return { servers: [server.index], startedAt, endedAt: Date.now(), process: 'stopped' };
  },
  'picture processes killed': async ({ cluster, holdMs }) => {
    const startedAt = Date.now();
    while (Date.now() < startedAt + holdMs) {
      await Promise.all(cluster.servers.map((server) => server.killPictureProcesses()));
      await wait(100);
    }
    const servers = cluster.servers.map(({ index }) => index);
    return { servers, startedAt, endedAt: Date.now(), process: 'worker' };
  },
  'Redis killed, back without data': ofRedis(['away', 'forgets'], async ({ cluster }, hold) => {
    await cluster.redis.kill();
    await hold();
    await cluster.removeSnapshot();
    await cluster.redis.start();
  }),
  'Redis restarted, with its data': ofRedis(['away', 'forgets'], async ({ cluster }) => {
    await cluster.command('SAVE');
    await cluster.redis.kill();
    await cluster.redis.start();
  }),
  'Redis rolled back': ofRedis(['away', 'forgets'], async ({ cluster, holdMs }) => {
    await cluster.command('SAVE');
    await wait(holdMs);
    await cluster.redis.kill();
    await cluster.redis.start();
  }),
  'Redis frozen': ofRedis(['away'], async ({ cluster }, hold) => {
    cluster.redis.freeze();
    await hold();
    cluster.redis.thaw();
  }),
  'Redis paused': ofRedis(['slow'], async ({ cluster, random, holdMs }) => {
    await cluster.command('CLIENT', 'PAUSE', String(holdMs), random.pick(['ALL', 'WRITE']));
    await wait(holdMs);
  }),
  'Redis flushed': ofRedis(['forgets'], async ({ cluster, holdMs }) => {
    await cluster.command('FLUSHALL');
    await wait(holdMs / 2);
    await cluster.command('FLUSHALL');
  }),
  'Redis full': ofRedis(['refuses'], async ({ cluster }, hold) => {
    await cluster.command('CONFIG', 'SET', 'maxmemory', '1');
    await hold();
    await cluster.command('CONFIG', 'SET', 'maxmemory', '0');
  }),
  'Redis read-only': ofRedis(['refuses'], async ({ cluster }, hold) => {
    await cluster.command('REPLICAOF', '127.0.0.1', '1');
    await hold();
    await cluster.command('REPLICAOF', 'NO', 'ONE');
  }),
  'Redis without its replicas': ofRedis(['refuses'], async ({ cluster }, hold) => {
    await cluster.command('CONFIG', 'SET', 'min-replicas-to-write', '1');
    await hold();
    await cluster.command('CONFIG', 'SET', 'min-replicas-to-write', '0');
  }),
  'store cut off': ofProxy((proxy) => proxy.cut(), { store: ['away'], isSure: true }),
  'store silent': ofProxy((proxy) => proxy.silence(), { store: ['away'], isSure: true }),
  'store slow': ofProxy((proxy, random) => proxy.slow(random.between(50, 400)), { store: ['slow'], isSure: false }),
  'replies lost': ofProxy((proxy) => proxy.loseReplies(), { store: ['away'], isSure: true }),
  'commands held': ofProxy((proxy) => proxy.holdCommands(), { store: ['away'], isSure: true }),
};

/** Faults of one group cannot be there at the same time: each ends by a command that ends the others too. */
export function groupOf(kind: string): 'Redis' | 'process' | 'connection' {
  if (kind.startsWith('Redis')) return 'Redis';
  return /^(?:server|picture)/.test(kind) ? 'process' : 'connection';
}

/** Causes one fault. */
export async function cause(kind: string, scene: FaultScene): Promise<Fault> {
  const act = faultKinds[kind];
  if (act === undefined) throw new Error(`There is no fault ${kind}.`);
  return { kind, ...(await act(scene)) };
}
