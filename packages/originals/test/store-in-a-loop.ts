/**
 * Runs as a separate process: stores, opens, removes and evicts derivatives as fast as possible until it is killed. The
 * heads have the seeds of the bytes.
 */
import { writeSync } from 'node:fs';
import { fileDerivatives } from '@safelight/originals';
import { seededBytes } from './seeded-bytes.ts';

const [directory = '', maxBytes = '', firstSeed = ''] = process.argv.slice(2);
const derivatives = fileDerivatives({ directory, maxBytes: Number(maxBytes), maxHotEntryBytes: 32_768 });

async function storeInALoop(first: number): Promise<void> {
  let before = '';
  for (let seed = first; ; seed += 4) {
    // Half of the derivatives fit into memory; the others go through a growing file.
    const bytes = seed % 2 === 0 ? seed % 30_000 : 40_000 + ((seed * 7919) % 100_000);
    const content = seededBytes(seed, bytes);
    const draft = derivatives.create();
    for (let at = 0; at < bytes; at += 16_384) await draft.write(content.subarray(at, at + 16_384));
    draft.end();
    const name = await draft.store({ seed, bytes });
    (await derivatives.open(before))?.release();
    if (seed % 5 === 0) await derivatives.remove(before);
    before = name ?? '';
  }
}

writeSync(1, 'ready\n');
await Promise.all([0, 1, 2, 3].map((lane) => storeInALoop(Number(firstSeed) + lane)));
