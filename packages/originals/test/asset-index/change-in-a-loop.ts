/**
 * Runs as a separate process: uploads, renames and destroys assets as fast as possible until it is killed, through
 * originals with an index.
 */
import { writeSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { AssetId } from '@safelight/core';
import { fileOriginals, indexedOriginals, sqliteAssetIndex } from '@safelight/originals';

const [directory = '', file = '', seedText = ''] = process.argv.slice(2);
const originals = indexedOriginals(fileOriginals({ directory }), sqliteAssetIndex({ file }));
let seed = Number(seedText);

function random(count: number): number {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((seed / 2_147_483_648) * count);
}

const asset = (): AssetId => ({ resourceType: 'image', publicId: `folder-${random(3)}/asset-${random(12)}` });

async function changeInALoop(): Promise<never> {
  for (;;) {
    const kind = random(10);
    if (kind < 6) {
      const received = await originals.receive(Readable.from([Buffer.from(`${seed}`)]), { maxBytes: 100 });
      await originals.publish(received, { ...asset(), format: 'jpg', tags: [`tag-${random(5)}`] });
    } else if (kind < 8) {
      await originals.rename(asset(), asset(), { overwrite: true });
    } else {
      await originals.destroy(asset());
    }
  }
}

writeSync(1, 'ready\n');
await Promise.all([0, 1, 2].map(changeInALoop));
