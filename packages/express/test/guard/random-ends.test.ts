import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { moodyHandlers } from './moody-handlers.ts';
import type { Leftovers } from './random-ends.ts';

const program = fileURLToPath(new URL('random-ends.ts', import.meta.url));
const isDeep = process.env['SAFELIGHT_DEEP'] === '1';
const requests = isDeep ? 17_000 : process.env['SAFELIGHT_LONG'] === '1' ? 1500 : 600;

const scenes: readonly (readonly [framework: string, kind: string])[] = isDeep
  ? ['Express 5', 'Express 4', 'node:http'].flatMap((name) => [[name, 'guard'] as const, [name, 'middleware'] as const])
  : [
      ['Express 5', 'guard'],
      ['node:http', 'middleware'],
    ];

describe('guard: requests to all kinds of handlers, with random ends', () => {
  for (const [framework, kind] of casesOfRun(scenes)) {
    it(`${requests} through ${kind} in ${framework} leak nothing`, async function leaveNothing() {
      this.timeout(isDeep ? 300_000 : 30_000);
      const args = ['--expose-gc', program, String(requests), framework, kind];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      const { grown, responsesHeld, connections, handles, listeners, complaints, ranAgain }: Leftovers =
        JSON.parse(stdout);
      assert.deepEqual(complaints, []);
      assert.equal(connections, 0);
      assert.deepEqual(handles[1], handles[0]);
      assert.deepEqual(listeners[1], listeners[0]);
      assert.ok(responsesHeld < 10, `${responsesHeld} responses are still held by something`);
      assert.ok(grown < 1_000_000, `the heap has grown by ${grown} bytes`);
      assert.deepEqual(ranAgain, Object.keys(moodyHandlers).sort(), 'a run without an outcome prevents further runs');
    });
  }
});
