import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOwnErrors, type OwnErrors } from '../own-errors.ts';

const body = { error: { code: 'no_such_picture', message: 'There is no picture cat.jpg' } };

describe('errors in the application’s own words', () => {
  let directory: string;
  let example: OwnErrors;
  let server: Server;
  let now = Date.UTC(2026, 0, 1);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'safelight-own-errors-'));
    example = createOwnErrors(directory, () => now);
    server = example.app.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true });
  });

  const ask = () => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/pictures/cat.jpg`);

  it('20 requests in the window: 20 JSON bodies, one run, one line in the log, one collected error', async () => {
    for (let time = 0; time < 20; time += 1) {
      const response = await ask();
      assert.deepEqual([response.status, await response.json()], [404, body]);
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
      assert.match(response.headers.get('server-timing') ?? '', /err;desc="not_found"/);
      assert.equal(response.headers.get('retry-after'), '60');
    }
    const { attempts, log, collected } = example;
    assert.deepEqual([attempts.pictures, collected.length], [1, 1]);
    assert.deepEqual(log, ['GET /pictures/cat.jpg: Error: There is no picture cat.jpg']);
  });

  it('20 requests at once have the same result', async () => {
    const bodies = await Promise.all(Array.from({ length: 20 }, async () => (await ask()).json()));
    assert.deepEqual(bodies, Array(20).fill(body));
    const { attempts, log, collected } = example;
    assert.deepEqual([attempts.pictures, log.length, collected.length], [1, 1, 1]);
  });

  it('after the window the handler runs again, and its error is logged again', async () => {
    await ask();
    now += 60_000;
    assert.deepEqual(await (await ask()).json(), body);
    assert.deepEqual([example.attempts.pictures, example.log.length, example.collected.length], [2, 2, 2]);
  });
});
