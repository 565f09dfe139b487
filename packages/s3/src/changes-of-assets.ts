import { type AssetFacts, type AssetId, createInTurn, type Original, type Originals } from '@safelight/core';
import { assetFolder } from './asset-entry.ts';
import type { AssetLog } from './asset-log.ts';
import {
  assetIdIn,
  factsOf,
  newId,
  type StoredVersion,
  versionOf,
  withFacts,
  withoutVersions,
  withVersion,
} from './asset-state.ts';
import type { Bucket } from './bucket.ts';
import { renameAsset } from './rename-asset.ts';

export interface ChangeOptions {
  readonly bucket: Bucket;
  readonly log: AssetLog;
  readonly maxVersions: number;
  readonly clock: () => number;
  /** Resolves when the server is known to create objects exclusively. */
  readonly check: () => Promise<void>;
  readonly readable: (stored: StoredVersion) => Promise<Original>;
}

type ChangesOfAssets = Pick<Originals, 'destroy' | 'rename' | 'changeFacts' | 'versions' | 'restore'>;

/** The functions of `Originals` that change what was published. */
export function changesOfAssets(options: ChangeOptions): ChangesOfAssets {
  const { log, check, readable } = options;
  const inTurn = createInTurn();
  return {
    async destroy(asset) {
      await check();
      const hide = (state: Parameters<typeof withoutVersions>[0]) =>
        state.versions.length === 0 ? undefined : withoutVersions(state);
      return (await log.change(asset, hide)) !== undefined;
    },
    async rename(from, to, { overwrite }) {
      await check();
      const moved = await renameAsset(from, to, { ...options, overwrite });
      return moved === undefined || moved === 'taken' ? moved : readable(moved);
    },
    async changeFacts(asset, change) {
      await check();
      const changed = await inTurn([assetFolder(asset)], () => changeFacts(log, asset, change));
      return changed && readable(changed);
    },
    async versions(asset) {
      return (await log.read(asset)).state.versions.map(({ record }) => record);
    },
    async restore(asset, version) {
      await check();
      const restored = await restoreVersion(asset, version, options);
      return restored && readable(restored);
    },
  };
}

async function changeFacts(
  log: AssetLog,
  asset: AssetId,
  change: (facts: AssetFacts) => AssetFacts,
): Promise<StoredVersion | undefined> {
  let current: StoredVersion | undefined;
  await log.change(asset, (state) => {
    current = versionOf(state);
    if (current === undefined) return undefined;
    const next = withFacts(state, change(factsOf(current.record)));
    if (next !== undefined) current = versionOf(next);
    return next;
  });
  return current;
}

/** The restored version shares the bytes of the older one. */
async function restoreVersion(
  asset: AssetId,
  number: number,
  { log, maxVersions, clock }: ChangeOptions,
): Promise<StoredVersion | undefined> {
  let restored: StoredVersion | undefined;
  await log.change(asset, (state) => {
    const older = versionOf(state, number);
    restored = older && {
      ...older,
      record: {
        ...older.record,
        version: state.highest + 1,
        versionId: newId(),
        assetId: assetIdIn(state),
        createdAt: clock(),
      },
    };
    return restored && withVersion(state, restored, maxVersions);
  });
  return restored;
}
