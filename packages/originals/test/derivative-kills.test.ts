import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { fileDerivatives } from '@safelight/originals';
import { derivativeFiles } from './derivative-files.ts';
import { seededBytes } from './seeded-bytes.ts';
import { directoryInMemory, removeTemporaryDirectories } from './temporary-directory.ts';

const script = fileURLToPath(new URL('store-in-a-loop.ts', import.meta.url));
const maxBytes = 2_000_000;
const kills = process.env['SAFELIGHT_DEEP'] === '1' ? 200 : 12;
/** Two processes are killed at a time, also within steps of each other. */
const rounds = kills / 2;

describe('a killed process that stores derivatives', () => {
  after(removeTemporaryDirectories);

  it(`leaves only complete derivatives, within the bound (killed ${kills} times)`, async function () {
    this.timeout(kills * 3000);
    const directory = await directoryInMemory();
    let [openedCount, leftovers] = [0, 0];
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all([0, 1].map((at) => storeUntilKilled(directory, round * 2_000_003 + at * 1e9)));
      const errors: unknown[] = [];
      const derivatives = fileDerivatives({ directory, maxBytes, onError: (error) => errors.push(error) });
      const { names } = await derivativeFiles(directory);
      for (const name of names) {
        const found = await derivatives.open(name);
        // Opening also makes room, so a listed file may be evicted.
        if (found === undefined) continue;
        openedCount += 1;
        const { seed, bytes } = found.head;
        const content = Buffer.concat(await found.read().toArray());
        found.release();
        assert.deepEqual(content, seededBytes(Number(seed), Number(bytes)), `${name} of seed ${seed}`);
      }
      assert.deepEqual(errors, []);

      const draft = derivatives.create();
      draft.write(seededBytes(round, 1000));
      draft.end();
      assert.ok(await draft.store({ seed: round, bytes: 1000 }));
      const after = await derivativeFiles(directory);
      assert.ok(after.bytes <= maxBytes, `${after.bytes} bytes are on the disk`);
      leftovers += after.temporary.length;
    }
    assert.ok(openedCount > rounds, `only ${openedCount} could be opened`);
    assert.ok(leftovers > 0, 'no process was killed while it wrote a draft');

    const later = fileDerivatives({ directory, maxBytes, clock: () => Date.now() + 2 * 60 * 60 * 1000 });
    const draft = later.create();
    draft.end();
    await draft.store({ seed: 0, bytes: 0 });
    assert.deepEqual((await derivativeFiles(directory)).temporary, []);
  });
});

async function storeUntilKilled(directory: string, firstSeed: number): Promise<void> {
  const args = [script, directory, String(maxBytes), String(firstSeed)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const errors = text(child.stderr);
  const exited = once(child, 'exit');
  child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), Math.random() * 150));
  const [, signal] = await exited;
  assert.equal(signal, 'SIGKILL', await errors);
}
