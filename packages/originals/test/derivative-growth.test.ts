import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { removeTemporaryDirectories, temporaryDirectory } from './temporary-directory.ts';

const script = fileURLToPath(new URL('grow-a-draft.ts', import.meta.url));
const megabytes = process.env['SAFELIGHT_DEEP'] === '1' ? 1024 : 128;

describe('a draft that is larger than memory', () => {
  after(removeTemporaryDirectories);

  it(`is written, and read by ten readers, in constant memory: ${megabytes} MB`, async function () {
    this.timeout(megabytes * 300);
    const args = ['--max-old-space-size=64', script, await temporaryDirectory(), String(megabytes)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { digest, read, storedDigest, storedBytes, grownMegabytes } = JSON.parse(stdout);
    assert.deepEqual(read, Array(10).fill(digest));
    assert.equal(storedDigest, digest);
    assert.equal(storedBytes, megabytes * 1024 ** 2);
    assert.ok(grownMegabytes < 150, `it grew by ${grownMegabytes} MB`);
  });
});
