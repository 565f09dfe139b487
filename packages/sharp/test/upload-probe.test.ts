import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { invalidOriginal, TransformError } from '@safelight/core';
import { defaultOriginalLimits } from '../src/original-limits.ts';
import type { RunTask } from '../src/processes/process-pool.ts';
import { sharpHandler } from '../src/sharp-handler.ts';
import { createUploadProbe } from '../src/upload-probe.ts';
import { damagedPictures } from './damaged-pictures.ts';

describe('the probe of an upload', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'safelight-probe-'));
  });
  after(() => rm(folder, { recursive: true }));

  for (const isolation of ['process', 'none'] as const) {
    it(`refuses a picture that cannot be decoded, and accepts small defects (isolation: ${isolation})`, async () => {
      const { probe } = sharpHandler({ isolation });
      const { readable, unreadable } = await damagedPictures();
      const path = join(folder, isolation);
      for (const [what, bytes] of Object.entries(readable)) {
        await writeFile(path, bytes);
        assert.equal((await probe(path)).width, 200, what);
      }
      for (const [what, bytes] of Object.entries(unreadable)) {
        await writeFile(path, bytes);
        await assert.rejects(probe(path), { code: 'invalid_original', message: /The original is damaged/ }, what);
      }
    });
  }

  const picture = { format: 'jpg', width: 30, height: 20, pages: 1 };

  /** A probe with a good header. `check` stands for the decoding of the pixels. */
  function probeWith(check: () => Promise<void>, isBusy = false) {
    const runTask = (async (name: string) => (name === 'probe' ? picture : check())) as unknown as RunTask;
    return createUploadProbe({
      ...{ runTask, isBusy: () => isBusy, failOn: 'error', maxInputPixels: 1e8 },
      originalLimits: defaultOriginalLimits,
    });
  }

  it('accepts a picture that could not be checked in time, or for which the server has no room', async () => {
    for (const error of [
      new TransformError('timed_out', 'The transformation took too long'),
      new TransformError('busy', 'Too many pictures wait to be made'),
      new DOMException('The operation was aborted due to timeout', 'TimeoutError'),
    ]) {
      assert.deepEqual(await probeWith(() => Promise.reject(error))('cat.jpg'), picture);
    }
    await assert.rejects(probeWith(() => Promise.reject(invalidOriginal('damaged')))('cat.jpg'), {
      message: 'damaged',
    });
  });

  it('does not check the pixels while all slots are busy', async () => {
    assert.deepEqual(await probeWith(() => assert.fail('It was checked'), true)('cat.jpg'), picture);
  });
});
