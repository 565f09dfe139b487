import { createInTurn, type Originals } from '@safelight/core';
import { assetFolder } from './asset-folder.ts';
import { changeFacts } from './change-facts.ts';
import { findVersions } from './find-version.ts';
import { listOriginals } from './list-originals.ts';
import { type PublishOptions, publishGone } from './publish-record.ts';
import { readableOriginal } from './readable-original.ts';
import { renameOriginal } from './rename-original.ts';
import { restoreVersion } from './republish-version.ts';

type ChangesOfOriginals = Pick<Originals, 'destroy' | 'rename' | 'changeFacts' | 'versions' | 'restore' | 'list'>;

/** The functions of `Originals` that change or list what was published. */
export function changesOfOriginals(root: string, options: PublishOptions): ChangesOfOriginals {
  const inTurn = createInTurn();
  return {
    destroy: (asset) => publishGone(assetFolder(root, asset), () => true, options),
    async rename(from, to, { overwrite }) {
      const target = assetFolder(root, to);
      const record = await renameOriginal(assetFolder(root, from), target, { ...options, overwrite });
      return record === undefined || record === 'taken' ? record : readableOriginal(target, record);
    },
    async changeFacts(asset, change) {
      const folder = assetFolder(root, asset);
      const record = await inTurn([folder.path], () => changeFacts(folder, change, options));
      return record && readableOriginal(folder, record);
    },
    async versions(asset) {
      return (await findVersions(assetFolder(root, asset))).map(({ record }) => record);
    },
    async restore(asset, version) {
      const folder = assetFolder(root, asset);
      const record = await restoreVersion(folder, version, options);
      return record && readableOriginal(folder, record);
    },
    list: () => listOriginals(root),
  };
}
