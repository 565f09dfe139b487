import { setTimeout as wait } from 'node:timers/promises';
import { type Asset, type Calls, nameOf, type Way } from './calls.ts';
import type { AssetType } from './contents.ts';
import type { Change, Shown } from './history.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface ClientScene {
  readonly calls: Calls;
  readonly servers: number;
  readonly random: SeededRandom;
  /** Whether the client has to end. */
  isOver(): boolean;
}

/** Reads that a client has begun and does not wait for. */
function createReader({ calls, random, servers }: ClientScene) {
  const running = new Set<Promise<unknown>>();
  const maxRunning = 30;
  const anyWay = (): Way => (random.fraction() < 0.4 ? 'nginx' : random.between(0, servers - 1));
  const start = (reading: Promise<unknown>): void => {
    running.add(reading);
    void reading.finally(() => running.delete(reading));
  };
  return {
    anyWay,
    /** Begins a read, unless too many are running. */
    begin(...call: Parameters<Calls['read']>): void {
      if (running.size < maxRunning) start(calls.read(...call));
    },
    /** Begins a read by each server at once. */
    beginEverywhere(asset: Asset, version?: number): void {
      for (let way = 0; way < servers; way += 1) start(calls.read(asset, { way, version }));
    },
    ended: () => Promise.all(running),
  };
}

/** Changes assets of its own of one type, and reads them before, during and after each change. */
export async function owner(scene: ClientScene, name: string, type: AssetType): Promise<void> {
  const { calls, random, isOver } = scene;
  const reader = createReader(scene);
  let count = 0;
  const newAsset = (): Asset => {
    count += 1;
    return { type, id: `${name}-${count}` };
  };
  const assets = [newAsset(), newAsset(), newAsset()];
  /** By asset: its bytes, `undefined` after a change that was not confirmed, and its versions. */
  const known = new Map<string, { readonly shown: Shown | undefined; readonly versions: readonly number[] }>();
  const stateOf = (asset: Asset) => known.get(nameOf(asset)) ?? { shown: null, versions: [] };
  const anyAsset = (): Asset => random.pick(assets);

  function note({ shows, asset, version, result }: Change): void {
    for (const [changed, shown] of Object.entries(shows)) {
      if (result === 'lost') {
        // It may still happen, so nothing that comes later can be checked.
        const index = assets.findIndex((each) => nameOf(each) === changed);
        if (index !== -1) assets[index] = newAsset();
      } else if (result === 'unconfirmed') {
        const { versions } = known.get(changed) ?? { versions: [] };
        known.set(changed, { shown: undefined, versions });
      } else if (result === 'acknowledged') {
        const { versions } = known.get(changed) ?? { versions: [] };
        const newer = changed === asset && version !== undefined ? [...versions, version] : [];
        known.set(changed, { shown, versions: shown === null ? [] : newer });
      }
    }
  }

  function beginChange(asset: Asset): Promise<Change> {
    const way = reader.anyWay();
    const kind = random.fraction();
    const { shown } = stateOf(asset);
    if (shown === null || kind < 0.6) return calls.upload(asset, way);
    const other = assets.find((each) => each !== asset);
    // A rename moves what the asset shows, which must be known.
    if (kind < 0.8 || other === undefined || shown === undefined) return calls.destroy(asset, way);
    return calls.rename(asset, other, shown, way);
  }

  async function readDuring(asset: Asset): Promise<void> {
    for (let turn = random.between(0, 4); turn > 0; turn -= 1) {
      reader.begin(asset, { way: reader.anyWay() });
      await wait(random.between(0, 12));
    }
  }

  while (!isOver()) {
    const asset = anyAsset();
    if (random.fraction() < 0.45) {
      // The number of the next version can be guessed.
      const guess = Math.floor(Date.now() / 1000) + random.between(0, 1);
      if (random.fraction() < 0.3) reader.begin(asset, { way: reader.anyWay(), version: guess });
      if (random.fraction() < 0.7) await readDuring(asset);
      const [change] = await Promise.all([beginChange(asset), readDuring(asset)]);
      note(change);
      if (change.result === 'acknowledged') {
        for (const changed of assets.filter((each) => nameOf(each) in change.shows)) {
          reader.beginEverywhere(changed);
          const [version] = stateOf(changed).versions.slice(-1);
          if (version !== undefined) reader.begin(changed, { way: reader.anyWay(), version });
        }
      }
    } else {
      const { versions } = stateOf(asset);
      const isVersioned = versions.length > 0 && random.fraction() < 0.4;
      reader.begin(asset, {
        way: reader.anyWay(),
        width: random.between(2, 3),
        ...(isVersioned ? { version: random.pick(versions) } : {}),
      });
    }
    await wait(random.between(10, 80));
  }
  await reader.ended();
}

/**
 * Requests an asset that does not exist, uploads it a moment later, and goes on requesting it: a failure that comes back would
 * be seen.
 */
export async function newcomer(scene: ClientScene, name: string): Promise<void> {
  const { calls, random, isOver } = scene;
  const reader = createReader(scene);
  const later = new Set<Promise<void>>();

  /** As long as a failure of before could be held. */
  async function readLater(asset: Asset): Promise<void> {
    reader.beginEverywhere(asset);
    for (let reads = 0; reads < 16 && !isOver(); reads += 1) {
      await wait(250);
      reader.begin(asset, { way: reader.anyWay() });
    }
  }

  for (let turn = 0; !isOver(); turn += 1) {
    const asset: Asset = { type: 'raw', id: `${name}-${turn}` };
    reader.beginEverywhere(asset);
    await wait(random.between(100, 1200));
    const { result } = await calls.upload(asset, reader.anyWay());
    if (result === 'acknowledged') later.add(readLater(asset));
  }
  await Promise.all(later);
  await reader.ended();
}

/** Sends the first upload of an asset slowly, and requests it meanwhile. */
export async function slowUploader(scene: ClientScene, name: string): Promise<void> {
  const { calls, random, servers, isOver } = scene;
  const reader = createReader(scene);
  for (let turn = 0; !isOver(); turn += 1) {
    const asset: Asset = { type: random.pick(['image', 'raw', 'raw', 'raw']), id: `${name}-${turn}` };
    const slowMs = random.between(600, 1500);
    const uploading = calls.upload(asset, random.between(0, servers - 1), slowMs);
    for (let reads = 0; reads < 4; reads += 1) {
      await wait(slowMs / 6);
      reader.beginEverywhere(asset);
    }
    await uploading;
    reader.beginEverywhere(asset);
    await wait(random.between(50, 300));
  }
  await reader.ended();
}

/** Requests an asset that never exists, from all servers at once. */
export async function poller(scene: ClientScene, asset: Asset): Promise<void> {
  const { random, isOver } = scene;
  const reader = createReader(scene);
  while (!isOver()) {
    reader.beginEverywhere(asset);
    reader.begin(asset, { way: 'nginx' });
    await wait(random.between(40, 120));
    // A server that is stopped does not respond. More requests would wait there too.
    if (random.fraction() < 0.02) await reader.ended();
  }
  await reader.ended();
}

/** Shows pictures that do not change, in sizes that were made before and in new ones. */
export async function gallery(scene: ClientScene, name: string): Promise<void> {
  const { calls, random, isOver } = scene;
  const reader = createReader(scene);
  const assets: readonly Asset[] = [1, 2].map((number) => ({ type: 'image', id: `${name}-${number}` }));
  for (const asset of assets) while ((await calls.upload(asset, reader.anyWay())).result !== 'acknowledged');
  while (!isOver()) {
    const width = random.fraction() < 0.93 ? random.between(2, 5) : random.between(6, 500);
    reader.begin(random.pick(assets), { way: reader.anyWay(), width });
    await wait(random.between(20, 120));
  }
  await reader.ended();
}
