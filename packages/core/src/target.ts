import { createHash } from 'node:crypto';
import { recordKeyPrefix } from './record-schema.ts';

/** The parts of a request that select what is remembered. Strings are compared without normalization. */
export interface Target {
  /** The asset that the derivation is made from, then every further asset that the URL names. */
  readonly assets: readonly [string, ...string[]];
  /** Which derivation of the first asset: equal for two spellings of one picture. */
  readonly derivation: string;
  /** The version that the URL pins; `undefined` means the newest. */
  readonly version: number | undefined;
  /** Whether derivatives of it may be kept; only then are they looked for. @default false */
  readonly isCached?: boolean;
}

/** The keys under which marks and failures are stored; a failure class without a key is not looked at. */
export interface TargetKeys {
  readonly marks: readonly string[];
  readonly absence: string;
  readonly missing_version: string | undefined;
  readonly permanent: string | undefined;
  readonly transient: string | undefined;
  /** Of what is kept; `undefined` when nothing is. */
  readonly cached: string | undefined;
  /** Marks first, then those of the keys above that are set, in their order: what one look-up reads. */
  readonly all: readonly string[];
  /** Names what a run makes; unique among targets. */
  readonly scope: string;
}

const maxPlainPartLength = 64;

/** Keeps keys short: stores, and the memory bound per failure, depend on it. */
function keyPart(text: string): string {
  return text.length <= maxPlainPartLength
    ? text
    : `#${createHash('sha256').update(text).digest('base64url').slice(0, 32)}`;
}

/** The key of an asset's mark. It has no schema in it: every release that shares a store renews and reads the same marks. */
export function markKey(asset: string): string {
  // The braces are a hash tag: a cluster keeps all keys of one asset in one slot.
  return `g:{${keyPart(asset)}}`;
}

/** The kind of value under a key, of any schema. A bounded store can give each kind its own limit. */
export type KeyKind = 'mark' | 'failure' | 'cached';

/** By the first letter of a key; all other keys are those of failures. */
export const keyKinds: Readonly<Record<string, KeyKind>> = { g: 'mark', d: 'cached' };

export function keyKind(key: string): KeyKind {
  return keyKinds[key.charAt(0)] ?? 'failure';
}

export function targetKeys(target: Target): TargetKeys {
  const marks = target.assets.map(markKey);
  const asset = `{${keyPart(target.assets[0])}}`;
  const version = target.version === undefined ? '' : `@${target.version}`;
  const absence = recordKeyPrefix('a') + asset;
  const missing_version = target.version === undefined ? undefined : recordKeyPrefix('v') + asset + version;
  const scope = `${asset}${version}:${keyPart(target.derivation)}`;
  const permanent = recordKeyPrefix('p') + scope;
  const transient = recordKeyPrefix('t') + scope;
  const cached = target.isCached === true ? recordKeyPrefix('d') + scope : undefined;
  const all = [...marks, absence, missing_version, permanent, transient, cached].filter((key) => key !== undefined);
  return { marks, absence, missing_version, permanent, transient, cached, scope, all };
}

const maxTargetKeys = 1000;
const maxTargetKeyLength = 1000;

/**
 * `targetKeys` for URLs that are asked for again and again: a string that was a key before needs no hashing again.
 *
 * A Map that is emptied when it is full bounds the memory, and core stays without dependencies. An LRU would save only
 * the recomputation, about 1 µs for each thousandth new name; measured, its hits are not faster and a flood costs more.
 */
export function createKeyMemo(): (target: Target) => TargetKeys {
  const memo = new Map<string, { readonly target: Target; readonly keys: TargetKeys }>();
  return function rememberedKeys(target) {
    const name = target.assets[0] + target.derivation;
    if (name.length > maxTargetKeyLength) return targetKeys(target);
    const cached = memo.get(name);
    if (cached !== undefined && isSame(cached.target, target)) return cached.keys;
    const keys = targetKeys(target);
    if (memo.size >= maxTargetKeys) memo.clear();
    memo.set(name, { target, keys });
    return keys;
  };
}

function isSame(a: Target, b: Target): boolean {
  return (
    a.derivation === b.derivation &&
    a.version === b.version &&
    a.isCached === b.isCached &&
    a.assets.length === b.assets.length &&
    a.assets.every((asset, i) => asset === b.assets[i])
  );
}

/** The part of a target that is about its original: what N derivations of one asset share. */
export function originalKeys(keys: TargetKeys): TargetKeys {
  const { marks, absence, missing_version } = keys;
  const failures = missing_version === undefined ? [absence] : [absence, missing_version];
  const scope = missing_version ?? absence;
  return {
    marks,
    absence,
    missing_version,
    permanent: undefined,
    transient: undefined,
    cached: undefined,
    scope,
    all: [...marks, ...failures],
  };
}
