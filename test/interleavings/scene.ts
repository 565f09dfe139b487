import {
  createGuard,
  type Derivatives,
  type Guard,
  type GuardOptions,
  type Leases,
  missingOriginal,
  type Outcome,
  type Target,
  TransformError,
} from '@safelight/core';
import { memoryStore } from '@safelight/stores';
import { type ChaosStore, chaosStore } from '@safelight/stores/chaos';
import { closedGate, type Gate } from './gate.ts';
import { leasedStore } from './leased-store.ts';

export interface AskOptions {
  readonly assets?: Target['assets'];
  readonly derivation?: string;
  readonly version?: number;
  /** The process that gets the request, from 0. */
  readonly at?: number;
  /** Whether the derivative is cached; its bytes are not stored. @default false */
  readonly isCached?: boolean;
  /** The handler throws this at once, without a look-up. */
  readonly fails?: unknown;
}

/** The world outside of the guard: the originals, and the look-ups and runs so far. */
export interface World {
  readonly present: Set<string>;
  /** Every look-up of an original: the asset's name. */
  readonly searches: string[];
  /** Every run of the handler: the derivation. */
  readonly runs: string[];
}

export interface Scene {
  readonly chaos: ChaosStore['control'];
  readonly guards: readonly Guard[];
  readonly world: World;
  now(): number;
  advance(ms: number): void;
  /** Requests a derivation. Its handler looks for the original; all assets of the target must be present. */
  ask(options?: AskOptions): Promise<Outcome<string>>;
  /** Makes an original present, then calls `changed` in one process. Resolves when that is acknowledged. */
  upload(asset?: string, at?: number): Promise<void>;
  /** Stops the next look-up of an original after it has looked and before it returns. */
  holdSearch(): Gate;
  /** Stops the next run of the handler before its look-up. */
  holdRun(): Gate;
}

export interface SceneOptions extends Partial<Omit<GuardOptions, 'store' | 'localFallback'>> {
  /** Processes that share the store. @default 1 */
  readonly processes?: number;
  /** Whether each process has a local fallback for outages of the store. @default false */
  readonly tolerant?: boolean;
  /** Whether the store has leases, as a Redis. @default false */
  readonly leased?: boolean;
  /** Replaces methods of the leases. */
  readonly replaced?: ((leases: Leases) => Partial<Leases>) | undefined;
  /** Creates the guards. @default `createGuard` of the core */
  readonly create?: typeof createGuard;
}

const cat: Target['assets'] = ['cat'];

/** Stores only names. */
const namedDerivatives: Derivatives = {
  open: (name) => ({ head: {}, bytes: 0, digest: name, body: Buffer.alloc(0), read: never, release: () => {} }),
  create: never,
  remove: async () => {},
};

function never(): never {
  throw new Error('This function should not be called.');
}

/** Several processes with one store, which fails on command, and with originals that are present or not. */
export function setScene({
  processes = 1,
  tolerant = false,
  leased = false,
  replaced = () => ({}),
  create = createGuard,
  ...options
}: SceneOptions = {}): Scene {
  let time = 1_800_000_000_000;
  const clock = (): number => time;
  const memory = memoryStore({ clock });
  const withLeases = leasedStore(memory, clock);
  const leases = { ...withLeases.leases, ...replaced(withLeases.leases) };
  const store = chaosStore(leased ? { ...withLeases, leases } : memory);
  const guards = Array.from({ length: processes }, () =>
    create({
      clock,
      monotonicClock: clock,
      derivatives: namedDerivatives,
      ...options,
      store,
      ...(tolerant ? { localFallback: memoryStore({ clock }) } : {}),
    }),
  );
  const guardAt = (index: number): Guard => guards[index] as Guard;
  const world: World = { present: new Set(), searches: [], runs: [] };
  const searchGates: Gate[] = [];
  const runGates: Gate[] = [];

  async function find(assets: readonly string[]): Promise<string> {
    world.searches.push(assets[0] as string);
    const absent = assets.find((asset) => !world.present.has(asset));
    await searchGates.shift()?.arrive();
    if (absent === undefined) return `${assets[0]} as it is`;
    // Only a missing first asset is a missing original; without an overlay only this derivation fails.
    if (absent === assets[0]) throw missingOriginal(absent);
    throw new TransformError('bad_transformation', `The overlay ${absent} does not exist.`);
  }

  return {
    chaos: store.control,
    guards,
    world,
    now: clock,
    advance: (ms) => {
      time += ms;
    },
    async ask({ assets = cat, derivation = 'w_300', version, at = 0, fails, isCached = false } = {}) {
      return guardAt(at).handle({
        target: { assets, derivation, version, isCached },
        take: () => true,
        checksSuccess: true,
        ...(isCached ? { storeValue: async (value: string) => ({ name: value, cachedAt: time }) } : {}),
        async work(attempt) {
          world.runs.push(derivation);
          await runGates.shift()?.arrive();
          if (fails !== undefined) throw fails;
          if (assets.length > 1) return find(assets);
          return attempt.findOriginal(() => find(assets));
        },
      });
    },
    upload(asset = 'cat', at = 0) {
      world.present.add(asset);
      return guardAt(at).changed(asset);
    },
    holdSearch: () => queued(searchGates),
    holdRun: () => queued(runGates),
  };
}

function queued(gates: Gate[]): Gate {
  const gate = closedGate();
  gates.push(gate);
  return gate;
}

/** Waits until all work has continued that waits only for promises. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The code of a failure, `made` for a success, else the outcome's kind. */
export function seen(outcome: Outcome<unknown>): string {
  return outcome.kind === 'failed' ? outcome.fault.code : outcome.kind;
}

/** The rung of a recorded failure; `undefined` when no failure is recorded. */
export function rungOf(outcome: Outcome<unknown>): number | undefined {
  return outcome.kind === 'failed' ? outcome.failure?.rung : undefined;
}
