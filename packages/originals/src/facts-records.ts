import type { AssetFacts, OriginalRecord } from '@safelight/core';
import { type ForeignRecord, isForeign, parseSealed } from './version-records.ts';

/** All facts of one version after a change. Of several records of a version, the one with the highest number counts. */
export interface FactsRecord {
  readonly versionId: string;
  readonly number: number;
  /**
   * The random IDs of the last changes that led to these facts, the newest first. So a process finds out whether its own
   * change is among them, also when its own record was removed.
   */
  readonly changes: readonly string[];
  readonly facts: AssetFacts;
}

const maxChanges = 32;

/** The IDs of the changes after one more change. */
export function changesWith(changeId: string, before: FactsRecord | undefined): readonly string[] {
  return [changeId, ...(before?.changes ?? [])].slice(0, maxChanges);
}

/** Reads the text of a record; `undefined` when it is damaged, or belongs to another version or number. */
export function parseFacts(text: string, versionId: string, number: number): FactsRecord | ForeignRecord | undefined {
  const record = parseSealed(text);
  if (record === undefined || isForeign(record)) return record;
  const { versionId: ofVersion, number: ofNumber, changes, facts } = record as Partial<FactsRecord>;
  if (ofVersion !== versionId || ofNumber !== number || !Array.isArray(changes)) return undefined;
  return typeof facts === 'object' && facts !== null ? { versionId, number, changes, facts } : undefined;
}

/** The name of a record. The number is in it, so only one writer can have the number. */
export function factsName(versionId: string, number: number): string {
  return `facts-${versionId}-${number}.json`;
}

/** The numbers of all records of a version, highest first. */
export function factsNumbersIn(names: readonly string[], versionId: string): number[] {
  return names
    .flatMap((name) => {
      const groups = factsPattern.exec(name)?.groups;
      return groups?.['versionId'] === versionId ? Number(groups['number']) : [];
    })
    .sort((a, b) => b - a);
}

/** The version to which a record of facts belongs; `undefined` for other names. */
export function versionIdOfFacts(name: string): string | undefined {
  return factsPattern.exec(name)?.groups?.['versionId'];
}

const factsPattern = /^facts-(?<versionId>[0-9a-f]{32})-(?<number>[1-9]\d{0,14})\.json$/;

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

/** A record with other facts in the place of its own. */
export function withFacts(record: OriginalRecord, facts: AssetFacts): OriginalRecord {
  const { displayName: _1, assetFolder: _2, tags: _3, context: _4, metadata: _5, ...rest } = record;
  return { ...rest, ...factsOf(facts) };
}

export function areSameFacts(a: AssetFacts, b: AssetFacts): boolean {
  return JSON.stringify(factsOf(a)) === JSON.stringify(factsOf(b));
}
