import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jsonResponse, writeResponse } from '@safelight/http';

const server = createServer((req, res) => {
  res.setHeader('Set-Cookie', 'session=1');
  writeResponse(req, res, jsonResponse(200, { method: req.method }, { headers: { 'Cache-Control': 'max-age=60' } }));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
console.log(JSON.stringify([response.status, response.headers.get('cache-control'), await response.json()]));
server.close();
server.closeAllConnections();
