/**
 * Runs as a separate process: publishes one asset once for each of many names, with other bytes than other processes, and
 * prints the name, the version and the MD5 of each.
 */
import { createHash, randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { fileOriginals } from '@safelight/originals';

const [directory = '', firstName = ''] = process.argv.slice(2);
const originals = fileOriginals({ directory, maxVersions: 10_000 });

writeSync(1, 'ready\n');
for (let at = Number(firstName); ; at += 1) {
  const content = randomBytes(1_000);
  const received = await originals.receive(inOneChunk(content), { maxBytes: content.length });
  const name = createHash('md5').update(`${at}`).digest('hex');
  const facts = { resourceType: 'image', publicId: 'cat', format: 'jpg' } as const;
  const published = await originals.publishOnce?.(received, facts, { name, mayReplace: true });
  await received.discard();
  writeSync(1, `${at} ${published?.original.version} ${published?.original.etag}\n`);
}

async function* inOneChunk(content: Buffer): AsyncGenerator<Uint8Array> {
  yield content;
}
