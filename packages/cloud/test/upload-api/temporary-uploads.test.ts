import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileOriginals } from '@safelight/originals';
import { unfinishedUploadsConformance } from '@safelight/originals/conformance';
import { temporaryUploads } from '../../src/upload-api/temporary-uploads.ts';
import { startApi } from './api-server.ts';
import { partSender, storedBytes } from './part-sender.ts';

describe('unfinished uploads of originals that do not store them', () => {
  const directories: string[] = [];

  afterEach(() => Promise.all(directories.splice(0).map((path) => rm(path, { recursive: true, force: true }))));

  unfinishedUploadsConformance({
    describe,
    it,
    create: async () => {
      const directory = await mkdtemp(join(tmpdir(), 'safelight-temporary-'));
      directories.push(directory);
      const originals = { ...fileOriginals({ directory }), unfinished: temporaryUploads() };
      return { originals, elsewhere: originals };
    },
  });

  it('take an upload in parts', async () => {
    const api = await startApi({}, (originals) => ({ ...originals, unfinished: undefined }));
    const file = new TextEncoder().encode('abcdefghijklmnopqrstuvwxyz');
    const send = partSender(api, file);
    await send({ start: 10, end: 26 });
    assert.deepEqual(await api.receivedParts('u1'), { received: [{ start: 10, end: 26 }], total: 26 });
    const { json } = await send({ start: 0, end: 10 });
    assert.deepEqual((await send({ start: 10, end: 26 })).json, json);
    assert.deepEqual(await storedBytes(api), Buffer.from(file));
    assert.deepEqual([await api.temporaryFiles(), api.faults], [[], []]);
    await api.close();
  });
});
