import { createHash } from 'node:crypto';
import { recordKeyPrefix } from './record-schema.ts';

/** What a request asks for. Records are found by these members. Strings are compared without normalization. */
export interface Target {
  /** The first asset is the source of the derivation. The others are the further assets that the URL names. */
  readonly assets: readonly [string, ...string[]];
  /** The derivation of the first asset, in canonical form: equal for two spellings of the same picture. */
  readonly derivation: string;
  /** The version in the URL; `undefined` means the newest version. */
  readonly version: number | undefined;
  /**
   * Whether derivatives of this target may be cached. If not, the guard does not look for a cached derivative.
   * @default false
   */
  readonly isCached?: boolean;
  /**
   * What else decides about the response, such as the host and certain request fields. Requests of different variants
   * share no run, no cached derivative, and no failure but those of the original and those with a code of their own.
   * @default ''
   */
  readonly variant?: string;
  /** A new value makes all earlier failures and cached derivatives of the target invalid. @default '' */
  readonly epoch?: string;
}

/** The store keys of one target. A class of failures without a key is not looked up. */
export interface TargetKeys {
  readonly marks: readonly string[];
  readonly absence: string;
  readonly missing_version: string | undefined;
  readonly permanent: string | undefined;
  readonly transient: string | undefined;
  /** The key of the record of cached derivatives; `undefined` when derivatives of the target are not cached. */
  readonly cached: string | undefined;
  /** Whether derivatives of the target are cached. Then other processes can use what a run makes. */
  readonly isCached: boolean;
  /** The keys that one look-up reads: first the marks, then each defined key in the order of the members above. */
  readonly all: readonly string[];
  /** Identifies what a run makes. Different targets have different scopes. */
  readonly scope: string;
  /** `Target.variant`. */
  readonly variant: string;
  /** The end of every stamp: '' or the hash of `Target.epoch`. */
  readonly epoch: string;
}

const maxPlainPartLength = 64;

/** A long text is hashed: stores limit the length of keys, and the memory per failure must be bounded. */
function keyPart(text: string): string {
  return text.length <= maxPlainPartLength
    ? text
    : `#${createHash('sha256').update(text).digest('base64url').slice(0, 32)}`;
}

/** The key of an asset's mark. The key has no schema number, so all releases that share a store use the same marks. */
export function markKey(asset: string): string {
  // The braces are a hash tag: Redis Cluster puts all keys of one asset into one slot.
  return `g:{${keyPart(asset)}}`;
}

/**
 * The kind of the value under a key. A bounded store can give each kind its own limit. `cached`: the record of the
 * cached derivatives of one target, not their bytes.
 */
export type KeyKind = 'mark' | 'failure' | 'cached';

/** The kind for the first letter of a key. Every other letter means a failure. */
export const keyKinds: Readonly<Record<string, KeyKind>> = { g: 'mark', d: 'cached' };

/**
 * The kind of the value under a key, for every schema number.
 *
 * @example
 * keyKind('g:{cat}'); // 'mark'
 * keyKind('a:2:{cat}'); // 'failure'
 * keyKind('d:2:{cat}:w_300'); // 'cached'
 */
export function keyKind(key: string): KeyKind {
  return keyKinds[key.charAt(0)] ?? 'failure';
}

export function targetKeys(target: Target): TargetKeys {
  const marks = target.assets.map(markKey);
  const asset = `{${keyPart(target.assets[0])}}`;
  const version = target.version === undefined ? '' : `@${target.version}`;
  const absence = recordKeyPrefix('a') + asset;
  const missing_version = target.version === undefined ? undefined : recordKeyPrefix('v') + asset + version;
  const derivation = `${asset}${version}:${keyPart(target.derivation)}`;
  const permanent = recordKeyPrefix('p') + derivation;
  const transient = recordKeyPrefix('t') + derivation;
  const { variant = '', epoch = '' } = target;
  const scope = variant === '' ? derivation : `${derivation}~${keyPart(variant)}`;
  const cached = target.isCached === true ? recordKeyPrefix('d') + scope : undefined;
  const all = [...marks, absence, missing_version, permanent, transient, cached].filter((key) => key !== undefined);
  const records = { absence, missing_version, permanent, transient, cached };
  return { marks, ...records, isCached: cached !== undefined, scope, variant, epoch: epochEnd(epoch), all };
}

/** A mark has no `#`, so the end of a stamp can be told from its marks. */
function epochEnd(epoch: string): string {
  return epoch === '' ? '' : ` #${createHash('sha256').update(epoch).digest('base64url').slice(0, 11)}`;
}

/** The key of the lease for the runs of a scope under these marks. */
export function leaseKey({ scope }: TargetKeys, stamp: string): string {
  return `l:${scope} ${keyPart(stamp)}`;
}

const maxTargetKeys = 1000;
const maxTargetKeyLength = 1000;

/**
 * Creates a function that returns `targetKeys` and remembers the keys of each target. URLs that are requested often
 * need no hashing.
 *
 * The memo is a Map that is cleared when it is full. This bounds the memory without a dependency. An LRU cache would
 * only save the hashing after a clear, about 1 µs per name. Measured: hits of an LRU cache are not faster, and a flood
 * of new names costs more.
 */
export function createKeyMemo(): (target: Target) => TargetKeys {
  const memo = new Map<string, { readonly target: Target; readonly keys: TargetKeys }>();
  return function rememberedKeys(target) {
    const name = target.assets[0] + target.derivation + (target.variant ?? '');
    if (name.length > maxTargetKeyLength) return targetKeys(target);
    const known = memo.get(name);
    if (known !== undefined && isSameTarget(known.target, target)) return known.keys;
    const keys = targetKeys(target);
    if (memo.size >= maxTargetKeys) memo.clear();
    memo.set(name, { target, keys });
    return keys;
  };
}

function isSameTarget(a: Target, b: Target): boolean {
  return (
    a.derivation === b.derivation &&
    a.version === b.version &&
    a.isCached === b.isCached &&
    a.variant === b.variant &&
    a.epoch === b.epoch &&
    a.assets.length === b.assets.length &&
    a.assets.every((asset, i) => asset === b.assets[i])
  );
}

/** The keys that concern the original only. All derivations of an asset share them. */
export function originalKeys(keys: TargetKeys): TargetKeys {
  const { marks, absence, missing_version, isCached, epoch } = keys;
  const failures = missing_version === undefined ? [absence] : [absence, missing_version];
  const scope = missing_version ?? absence;
  return {
    marks,
    absence,
    missing_version,
    permanent: undefined,
    transient: undefined,
    cached: undefined,
    isCached,
    scope,
    variant: '',
    epoch,
    all: [...marks, ...failures],
  };
}
