import { apiRoutes } from '@safelight/protocol';
import type { z } from 'zod';
import { uploadInput } from '../upload-api/input.ts';
import { contextInput, metadataInput, tagsInput } from '../upload-api/operations/commands.ts';
import { destroyByAssetIdInput, destroyInput } from '../upload-api/operations/destroy.ts';
import { explicitInput } from '../upload-api/operations/explicit.ts';
import { renameInput } from '../upload-api/operations/rename.ts';

/** An operation of the upload API, for its description. */
export interface UploadOperation {
  readonly name: 'upload' | 'explicit' | 'rename' | 'destroy' | 'destroy_by_asset_id' | 'tags' | 'context' | 'metadata';
  /** Below the path that the server is mounted at. */
  readonly path: string;
  readonly summary: string;
  /** Checks the parameters. */
  readonly schema: z.ZodType;
  /** Parameters that it reads without the schema. */
  readonly more: readonly string[];
}

const commands = { more: ['public_ids'] };

/** The operations of the upload API. All of them are `POST`. */
export const uploadOperations: readonly UploadOperation[] = [
  {
    name: 'upload',
    path: apiRoutes.upload.path,
    summary: 'Stores a file as an asset',
    schema: uploadInput,
    more: ['file', 'upload_preset'],
  },
  {
    name: 'explicit',
    path: apiRoutes.explicit.path,
    summary: 'Makes the derivatives of an asset again, changes its facts, and makes derivatives in advance',
    schema: explicitInput,
    more: [],
  },
  {
    name: 'rename',
    path: apiRoutes.rename.path,
    summary: 'Gives an asset another public ID',
    schema: renameInput,
    more: [],
  },
  { name: 'destroy', path: apiRoutes.destroy.path, summary: 'Destroys an asset', schema: destroyInput, more: [] },
  {
    name: 'destroy_by_asset_id',
    path: apiRoutes.destroy_by_asset_id.path,
    summary: 'Destroys the asset with an asset ID',
    schema: destroyByAssetIdInput,
    more: [],
  },
  {
    name: 'tags',
    path: apiRoutes.tags.path,
    summary: 'Adds, removes or replaces tags of several assets',
    schema: tagsInput,
    ...commands,
  },
  {
    name: 'context',
    path: apiRoutes.context.path,
    summary: 'Adds pairs to the context of several assets, or removes it',
    schema: contextInput,
    ...commands,
  },
  {
    name: 'metadata',
    path: apiRoutes.metadata.path,
    summary: 'Sets the structured metadata of several assets',
    schema: metadataInput,
    ...commands,
  },
];
