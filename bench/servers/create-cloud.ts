import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type CloudOptions, cloud } from '@safelight/cloud';
import type { Safelight } from '@safelight/express';
import { fileOriginals } from '@safelight/originals';
import { picture } from './picture.ts';

/** A cloud with one original. All its derivatives are the same picture; `path` is the URL of one, with its version. */
export async function createCloud(safelight: Safelight, options: Pick<CloudOptions, 'early'> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'safelight-bench-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const originals = fileOriginals({ directory });
  const received = await originals.receive(Readable.from([picture]), { maxBytes: picture.length });
  const original = await originals.publish(received, { resourceType: 'image', publicId: 'cat', format: 'jpg' });
  const handler = cloud(safelight, 'demo', {
    ...options,
    originals,
    handler: async () => ({ contentType: 'image/jpeg', format: 'jpg', body: picture }),
  });
  return { handler, path: `/demo/image/upload/w_300/v${original.version}/cat.jpg` };
}
