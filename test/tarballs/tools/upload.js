import { readFile } from 'node:fs/promises';
import { createClient } from '@safelight/client';

// Uploads a file in Bun, Deno or Node, in one request or in parts, with progress, and prints what it has seen.
const [endpoint, path, chunkBytes] = process.argv.slice(2);
const client = createClient({ endpoint, cloudName: 'demo', uploadPreset: 'browser', chunkBytes: Number(chunkBytes) });
const phases = [];
const asset = await client.upload(new File([await readFile(path)], 'noise.png', { type: 'image/png' }), {
  // The server only stores the bytes.
  resourceType: 'raw',
  // The link needs several times as long.
  stallTimeoutMs: 500,
  retries: 0,
  onProgress: ({ phase }) => phases.push(phase),
});
const { status } = await fetch(asset.url());
console.log(JSON.stringify({ phases: [...new Set(phases)], bytes: asset.bytes, status }));
process.exit(0);
