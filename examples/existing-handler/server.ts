import { mkdtemp } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createExample } from './app.ts';

const { PORT = '3000', HOST = '127.0.0.1', DATA, UPSTREAM } = process.env;
const directory = DATA || (await mkdtemp(join(tmpdir(), 'safelight-existing-')));
const { app } = createExample(directory, UPSTREAM ? { upstream: UPSTREAM } : {});
const server = app.listen(Number(PORT), HOST, (error) => {
  if (error) throw error;
  console.log(`existing-handler on http://localhost:${(server.address() as AddressInfo).port}`);
});
