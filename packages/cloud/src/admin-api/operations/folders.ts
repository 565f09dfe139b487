import type { FolderPage, FolderQuery } from '@safelight/core';
import type { FolderDescription, FoldersResponse } from '@safelight/protocol';
import type { z } from 'zod';
import { badRequest, notFound } from '../../upload-api/api-error.ts';
import { readFolderExpression } from '../folder-expression.ts';
import { type AdminCall, type AdminOperation, operation } from '../operation.ts';
import { defaultResults, indexOf, nextCursor, pageOf } from '../pages.ts';
import * as schemas from '../schemas.ts';

const ofPages = {
  max_results: schemas.maxResults.optional(),
  next_cursor: schemas.cursor.optional(),
} satisfies z.ZodRawShape;

interface PageInput {
  readonly max_results?: number | undefined;
  readonly next_cursor?: string | undefined;
}

function readPage(
  filter: Omit<FolderQuery, 'limit' | 'after'>,
  { max_results: limit = defaultResults, next_cursor: after }: PageInput,
  { context }: AdminCall,
): Promise<FolderPage> {
  return pageOf(indexOf(context), (index) => index.folders({ ...filter, limit, after }));
}

function described({ folders, total, next }: FolderPage): FoldersResponse {
  return { folders: folders.map(describeFolder), total_count: total, ...nextCursor(next) };
}

function describeFolder(path: string): FolderDescription {
  return { name: path.slice(path.lastIndexOf('/') + 1), path, external_id: path };
}

export const rootFolders: AdminOperation = operation({
  name: 'root_folders',
  method: 'GET',
  path: 'folders',
  summary: 'The folders at the top',
  shape: ofPages,
  run: async (input, call) => described(await readPage({ below: '' }, input, call)),
});

export const subfolders: AdminOperation = operation({
  name: 'subfolders',
  method: 'GET',
  path: 'folders/{path}',
  summary: 'The folders in a folder',
  shape: { path: schemas.folderPath, ...ofPages },
  async run({ path, ...input }, call) {
    await requireFolder(path, call);
    return described(await readPage({ below: path }, input, call));
  },
});

async function requireFolder(path: string, call: AdminCall): Promise<void> {
  const { total } = await readPage({ matches: { text: path, isExact: true } }, { max_results: 1 }, call);
  if (total === 0) throw notFound(`Can't find folder with path ${path}`);
}

const searched = {
  name: 'search_folders',
  path: 'folders/search',
  summary: 'Finds folders by their name or path, such as name:shoes* or path="a/b"',
  shape: { expression: schemas.expression.optional(), ...ofPages },
  ignored: { sort_by: 'Folders are sorted by their path.' },
  async run(
    { expression, ...input }: PageInput & { readonly expression?: string | undefined },
    call: AdminCall,
  ): Promise<FoldersResponse & { readonly time: number }> {
    const startedAt = performance.now();
    const matches = expression === undefined ? undefined : readFolderExpression(expression);
    const page = await readPage({ matches }, input, call);
    return { ...described(page), time: Math.round(performance.now() - startedAt) };
  },
} as const;

export const searchFolders: AdminOperation = operation({ ...searched, method: 'GET' });
export const searchFoldersByPost: AdminOperation = operation({ ...searched, method: 'POST' });

export const createFolder: AdminOperation = operation({
  name: 'create_folder',
  method: 'POST',
  path: 'folders/{path}',
  summary: 'Creates a folder without assets',
  shape: { path: schemas.folderPath },
  async run({ path }, { context }) {
    await pageOf(indexOf(context), (index) => index.createFolder(path));
    return { success: true, ...describeFolder(path) };
  },
});

export const deleteFolder: AdminOperation = operation({
  name: 'delete_folder',
  method: 'DELETE',
  path: 'folders/{path}',
  summary: 'Deletes a folder that has no assets, with the folders in it',
  shape: { path: schemas.folderPath },
  ignored: { skip_backup: 'A folder without assets needs no backup.' },
  async run({ path }, { context }) {
    const deleted = await pageOf(indexOf(context), (index) => index.deleteFolder(path));
    if (deleted === undefined) throw notFound(`Can't find folder with path ${path}`);
    if (deleted === 'not_empty') throw badRequest(`Folder is not empty - ${path}. Delete its assets first.`);
    return { deleted };
  },
});
