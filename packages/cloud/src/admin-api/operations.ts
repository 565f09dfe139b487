import type { AdminOperation } from './operation.ts';
import * as account from './operations/account.ts';
import * as deletion from './operations/deletion.ts';
import * as details from './operations/details.ts';
import * as folders from './operations/folders.ts';
import * as listing from './operations/listing.ts';
import { restore } from './operations/restore.ts';
import { search } from './operations/search.ts';
import { tags } from './operations/tags.ts';
import * as transformations from './operations/transformations.ts';
import * as update from './operations/update.ts';

/** The operations of the Admin API. Of two paths that match, the first one counts. */
export const adminOperations: readonly AdminOperation[] = [
  account.ping,
  account.config,
  account.usage,
  account.usageOfDay,
  account.uploadPresets,
  account.uploadPreset,
  account.resourceTypes,
  listing.resourcesByAssetFolder,
  listing.resourcesByAssetIds,
  search,
  details.resourceByAssetId,
  listing.resourcesByTag,
  listing.resourcesByContext,
  listing.resourcesOfType,
  listing.resources,
  details.resource,
  restore,
  update.update,
  update.updateByAssetId,
  update.updateByAssetIdPost,
  deletion.deleteResourcesByTag,
  deletion.deleteResourcesByAssetIds,
  deletion.deleteResources,
  deletion.deleteDerivedResources,
  tags,
  folders.searchFolders,
  folders.searchFoldersByPost,
  folders.rootFolders,
  folders.subfolders,
  folders.createFolder,
  folders.deleteFolder,
  transformations.transformations,
  transformations.transformation,
];
