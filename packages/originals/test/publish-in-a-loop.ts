/** Runs as a separate process: publishes one asset repeatedly, and prints the version and the MD5 of each. */
import { createHash, randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { fileOriginals } from '@safelight/originals';

const [directory = '', publicId = '', times = '', maxVersions = ''] = process.argv.slice(2);
const originals = fileOriginals({ directory, maxVersions: Number(maxVersions) });

writeSync(1, 'ready\n');
for (let round = 0; round < Number(times); round += 1) {
  const content = randomBytes(100_000);
  const received = await originals.receive(inChunks(content), { maxBytes: content.length });
  const { version, etag } = await originals.publish(received, { resourceType: 'image', publicId, format: 'jpg' });
  if (etag !== createHash('md5').update(content).digest('hex')) throw new Error(`version ${version}: wrong digest`);
  writeSync(1, `${version} ${etag}\n`);
}

async function* inChunks(content: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < content.length; start += 30_000) yield content.subarray(start, start + 30_000);
}
