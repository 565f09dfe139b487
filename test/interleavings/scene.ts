import {
  createGuard,
  type Guard,
  type GuardOptions,
  missingOriginal,
  type Outcome,
  type Target,
  TransformError,
} from '@safelight/core';
import { memoryStore } from '@safelight/stores';
import { type ChaosStore, chaosStore } from '@safelight/stores/chaos';
import { closedGate, type Gate } from './gate.ts';

export interface AskOptions {
  readonly assets?: Target['assets'];
  readonly derivation?: string;
  readonly version?: number;
  /** Which of the processes is asked, from 0. */
  readonly at?: number;
  /** Thrown by the handler instead of looking for anything. */
  readonly fails?: unknown;
}

/** What is true outside of the guard: originals that are there or not, and how often anybody has looked. */
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
  /** Asks for a derivation, whose handler looks for the original (all assets of the target must be there). */
  ask(options?: AskOptions): Promise<Outcome<string>>;
  /** Makes an original present, then tells a process; resolves with the acknowledgement. */
  upload(asset?: string, at?: number): Promise<void>;
  /** The next search stops after it has looked, before it says what it saw. */
  holdSearch(): Gate;
  /** The next run of the handler stops before it looks for anything. */
  holdRun(): Gate;
}

export interface SceneOptions extends Partial<Omit<GuardOptions, 'store' | 'island'>> {
  /** Processes that share the store. @default 1 */
  readonly processes?: number;
  /** Whether each process has an island for outages of the store. @default false */
  readonly tolerant?: boolean;
}

const cat: Target['assets'] = ['cat'];

/** Several processes over one store that misbehaves on command, and originals that are there or not. */
export function setScene({ processes = 1, tolerant = false, ...options }: SceneOptions = {}): Scene {
  let time = 1_800_000_000_000;
  const clock = (): number => time;
  const store = chaosStore(memoryStore({ clock }));
  const guards = Array.from({ length: processes }, () =>
    createGuard({ clock, ...options, store, ...(tolerant ? { localFallback: memoryStore({ clock }) } : {}) }),
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
    // Only the base is a fact about the asset; without an overlay this one derivation cannot be made.
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
    async ask({ assets = cat, derivation = 'w_300', version, at = 0, fails } = {}) {
      return guardAt(at).handle({
        target: { assets, derivation, version },
        take: () => true,
        checksSuccess: true,
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

/** Lets everything go on that waits for nothing but other promises. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The code of a failure, `made` for a success, else the outcome's kind. */
export function seen(outcome: Outcome<unknown>): string {
  return outcome.kind === 'failed' ? outcome.fault.code : outcome.kind;
}

/** The rung of a remembered failure; `undefined` when nothing is remembered. */
export function rungOf(outcome: Outcome<unknown>): number | undefined {
  return outcome.kind === 'failed' ? outcome.failure?.rung : undefined;
}
