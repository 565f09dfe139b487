import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';

// The picture server behind the proxy. With `BUSY` it responds with 503, like a server that is still starting.
const { PORT = '3001', HOST = '127.0.0.1', DATA = '.', BUSY } = process.env;

const server = createServer(async (req, res) => {
  if (BUSY) return void res.writeHead(503).end('Warming up');
  const [path = '/'] = (req.url ?? '/').split('?', 1);
  const file = join(DATA, basename(path));
  const stats = await stat(file).catch(() => undefined);
  if (stats?.isFile() !== true) return void res.writeHead(404).end('Not here');
  res.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': stats.size });
  createReadStream(file).pipe(res);
});
server.listen(Number(PORT), HOST, () => {
  console.log(`upstream on http://${HOST}:${(server.address() as AddressInfo).port}`);
});
