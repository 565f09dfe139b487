import type { UploadedAsset } from '@safelight/client';
import { announce } from './announce.ts';
import { client } from './client.ts';
import { elementById } from './element-by-id.ts';
import { explain } from './explain.ts';
import { forget, store, storedAssets } from './stored-assets.ts';
import { createTile, tileSize } from './tile.ts';

/** Shows the stored assets. Only their pictures are requested from the server. */
export function showStored(): void {
  for (const asset of storedAssets()) showAsset(asset);
  showWhetherEmpty();
}

/** Uploads files. Each has a tile at once. */
export function addFiles(files: Iterable<File>): void {
  for (const file of files) addFile(file);
}

function addFile(file: File): void {
  const task = client.upload(file, { resourceType: 'image' });
  const tile = createTile({
    name: file.name,
    source: task,
    onExplain: explainAsset,
    onRemove: () => {
      void task.then(forget, () => undefined);
      remove(tile);
    },
    onAgain: () => {
      remove(tile);
      addFile(file);
    },
  });
  task.then(store, () => undefined);
  add(tile);
  announce(`Uploading ${file.name}.`);
}

function showAsset(asset: UploadedAsset): void {
  const tile = createTile({
    name: asset.publicId,
    source: asset,
    onExplain: explainAsset,
    onRemove: () => {
      forget(asset);
      remove(tile);
    },
  });
  add(tile);
}

function explainAsset(asset: UploadedAsset): void {
  void explain(asset.url(tileSize));
}

function add(tile: HTMLElement): void {
  elementById('gallery', HTMLUListElement).prepend(tile);
  showWhetherEmpty();
}

function remove(tile: HTMLElement): void {
  tile.remove();
  showWhetherEmpty();
}

function showWhetherEmpty(): void {
  elementById('empty', HTMLElement).hidden = elementById('gallery', HTMLUListElement).children.length > 0;
}
