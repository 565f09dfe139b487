/** Runs as a separate process: serves the upload API on a free port, and prints the port. Tests kill it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cloud } from '@safelight/cloud';
import { createSafelight } from '@safelight/express';
import { fileOriginals } from '@safelight/originals';

const [directory = '', maxUploads = ''] = process.argv.slice(2);
const demo = cloud(createSafelight(), 'demo', {
  originals: fileOriginals({ directory }),
  handler: () => Promise.reject(new Error('These tests upload raw files.')),
  uploadPresets: ['quickstart'],
  ...(maxUploads === '' ? {} : { parts: { maxUploads: Number(maxUploads) } }),
});
const server = createServer((req, res) => demo(req, res, () => res.writeHead(404).end()));
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
