import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createSafelight, missingOriginal } from '@safelight/express';
import express from 'express';

/**
 * An app in which every path is missing, guarded or `bare`. It replies to a message with its resident memory. Run with
 * `--expose-gc`.
 */

const safelight = createSafelight();
const app = express();
app.set('env', 'test'); // Otherwise Express prints each error.
const handler = () => {
  throw missingOriginal('cat');
};
app.use(process.argv[2] === 'bare' ? handler : safelight.guard(handler));
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');

process.on('message', () => {
  globalThis.gc?.();
  process.send?.(process.memoryUsage().rss);
});
process.on('disconnect', () => process.exit(0));
process.send?.((server.address() as AddressInfo).port);
