/**
 * Runs as a separate process: writes a draft of many megabytes for ten readers and prints the result as JSON. One reader
 * begins after the last write, and one leaves early.
 */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { fileDerivatives } from '@safelight/originals';

const [directory = '', megabytes = ''] = process.argv.slice(2);
const pieceBytes = 65_536;
const pieces = Number(megabytes) * 16;

const derivatives = fileDerivatives({ directory, maxBytes: 2 * 1024 ** 3 });
const written = createHash('sha256');
let maxRss = 0;
const before = process.memoryUsage.rss();

const draft = derivatives.create();
const readers = Array.from({ length: 10 }, () => draft.read());
const [slow, leaving, ...fast] = readers;
leaving?.once('data', () => leaving.destroy());
const digests = fast.map(digestOf);
for (let at = 0; at < pieces; at += 1) {
  // A new buffer each time, so that held pieces increase the size of the process.
  const piece = Buffer.allocUnsafeSlow(pieceBytes).fill(at % 251);
  piece.writeUInt32BE(at);
  written.update(piece);
  await draft.write(piece);
  maxRss = Math.max(maxRss, process.memoryUsage.rss());
}
draft.end();
digests.push(digestOf(slow));
const name = await draft.store({});
const read = await Promise.all(digests);
maxRss = Math.max(maxRss, process.memoryUsage.rss());
const cached = await derivatives.open(name ?? '');
read.push(await digestOf(cached?.read()));
const digest = written.digest('base64url');
const grownMegabytes = Math.round((maxRss - before) / 1024 ** 2);
writeSync(
  1,
  JSON.stringify({ digest, read, storedDigest: cached?.digest, storedBytes: cached?.bytes, grownMegabytes }),
);

async function digestOf(stream: Readable | undefined): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream ?? []) hash.update(chunk);
  return hash.digest('base64url');
}
