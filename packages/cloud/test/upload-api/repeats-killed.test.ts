import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { fileOriginals } from '@safelight/originals';
import { form } from './api-server.ts';

const script = fileURLToPath(new URL('parts-server.ts', import.meta.url));
const rounds = process.env['SAFELIGHT_DEEP'] ? 40 : process.env['SAFELIGHT_LONG'] ? 10 : 1;
const workers = 8;

describe('calls of a process that is killed, repeated to another one', function () {
  this.timeout(30_000 + 20_000 * rounds);
  let directory: string;
  const running = new Set<ChildProcess>();

  async function start() {
    const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
    running.add(child);
    const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
    return { child, url: `http://127.0.0.1:${port}/v1_1/demo/raw/upload` };
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'safelight-killed-'));
  });

  afterEach(async () => {
    for (const child of running) child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });

  it(`at any step: each is stored once, and has one response, ${rounds} times`, async () => {
    const upload = async (url: string, key: string) => {
      const isNamed = key.endsWith('7');
      const fields = { upload_preset: 'quickstart', ...(isNamed ? { public_id: key } : {}) };
      const body = form(fields, Buffer.from(`file ${key}`), 'a.txt');
      const response = await fetch(url, { method: 'POST', body, headers: { 'idempotency-key': key } });
      const json = (await response.json()) as { readonly public_id?: string; readonly existing?: boolean };
      return { status: response.status, ...json };
    };
    const survivor = await start();
    const known = new Map<string, string | undefined>();
    for (let round = 0; round < rounds; round += 1) {
      const killed = await start();
      const lost: string[] = [];
      let responses = 0;
      const sendUntilKilled = async (worker: number) => {
        for (let at = 0; ; at += 1) {
          const key = `call-${round}-${worker}-${at}`;
          const response = await upload(killed.url, key).catch(() => undefined);
          if (response === undefined) {
            lost.push(key);
            return;
          }
          known.set(key, response.public_id);
          responses += 1;
          if (responses === killAfter) setTimeout(() => killed.child.kill('SIGKILL'), Math.random() * 20);
        }
      };
      const killAfter = 1 + Math.floor(Math.random() * workers);
      await Promise.all(Array.from({ length: workers }, (_, worker) => sendUntilKilled(worker)));
      const repeat = async (key: string) => {
        let response = await upload(survivor.url, key);
        while (response.status === 409) response = await upload(survivor.url, key);
        assert.deepEqual([response.status, response.existing], [200, undefined]);
        assert.equal(known.get(key) ?? response.public_id, response.public_id, `${key} has two responses`);
        known.set(key, response.public_id);
      };
      assert.equal(lost.length, workers);
      await Promise.all(
        [...known.keys()]
          .filter((key) => key.startsWith(`call-${round}-`))
          .concat(lost)
          .map(repeat),
      );
      const originals = fileOriginals({ directory });
      const stored: string[] = [];
      for await (const asset of originals.list()) {
        for (const { publicId } of await originals.versions(asset)) stored.push(publicId);
      }
      assert.deepEqual(stored.sort(), [...known.values()].sort());
    }
  });
});
