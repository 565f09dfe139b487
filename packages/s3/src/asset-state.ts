import { randomUUID } from 'node:crypto';
import type { AssetFacts, AssetId, OriginalRecord } from '@safelight/core';

/** A version that can be delivered, and the name of its bytes. Restored versions share the bytes of the older one. */
export interface StoredVersion {
  readonly record: OriginalRecord;
  /** 32 hex digits. */
  readonly bytesId: string;
}

/** All that is known of an asset. An entry of its log has it completely, so the newest entry is enough. */
export interface AssetState extends AssetId {
  /** The highest version number that was ever used, also by a destroy; 0: none. */
  readonly highest: number;
  /** The versions that can be delivered, newest first. Empty after a destroy. */
  readonly versions: readonly StoredVersion[];
}

export function emptyState({ resourceType, publicId }: AssetId): AssetState {
  return { resourceType, publicId, highest: 0, versions: [] };
}

/** The current version; with a number, exactly that version. */
export function versionOf(state: AssetState, version?: number): StoredVersion | undefined {
  return version === undefined ? state.versions[0] : state.versions.find(({ record }) => record.version === version);
}

/** The number of the next version: the time in Unix seconds, or the next number. At least 2, because `v1` means no version. */
export function nextVersion({ highest }: AssetState, nowMs: number): number {
  return Math.max(2, Math.floor(nowMs / 1000), highest + 1);
}

/** The asset ID of the next version: that of the current one, or a new one. */
export function assetIdIn(state: AssetState): string {
  return versionOf(state)?.record.assetId ?? newId();
}

/** 32 random hex digits. */
export function newId(): string {
  return randomUUID().replaceAll('-', '');
}

/** The state after one more version. Older ones beyond `maxVersions` are dropped. */
export function withVersion(state: AssetState, added: StoredVersion, maxVersions: number): AssetState {
  const versions = [added, ...state.versions].slice(0, maxVersions + 1);
  return { ...state, highest: added.record.version, versions };
}

/** The state after a destroy. It uses a number, so that the next version is greater than all that were hidden. */
export function withoutVersions(state: AssetState): AssetState {
  return { ...state, highest: state.highest + 1, versions: [] };
}

/** The state after a change of the facts of the current version; `undefined` when they stay the same. */
export function withFacts(state: AssetState, facts: AssetFacts): AssetState | undefined {
  const [current, ...older] = state.versions;
  if (current === undefined) return undefined;
  if (JSON.stringify(factsOf(facts)) === JSON.stringify(factsOf(current.record))) return undefined;
  const { displayName: _1, assetFolder: _2, tags: _3, context: _4, metadata: _5, ...rest } = current.record;
  return { ...state, versions: [{ ...current, record: { ...rest, ...factsOf(facts) } }, ...older] };
}

/** The facts in a record. Empty ones are absent. */
export function factsOf({ displayName, assetFolder, tags, context, metadata }: AssetFacts): AssetFacts {
  return {
    ...(displayName ? { displayName } : {}),
    ...(assetFolder ? { assetFolder } : {}),
    ...(tags?.length ? { tags } : {}),
    ...(context && Object.keys(context).length > 0 ? { context } : {}),
    ...(metadata ? { metadata } : {}),
  };
}
