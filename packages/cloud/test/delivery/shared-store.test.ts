import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { cloud } from '@safelight/cloud';
import type { Handler } from '@safelight/core';
import { createSafelight } from '@safelight/express';
import { memoryStore } from '@safelight/stores';
import { leasedStore } from '../../../../test/interleavings/leased-store.ts';
import { ask } from '../../../../test/servers/ask.ts';
import { originalsThatFind } from '../../../../test/servers/originals-that-find.ts';
import { closeServers, listen } from '../../../../test/servers/servers.ts';

const handler: Handler = () => Promise.reject(new Error('These tests request no pictures.'));

describe('two servers that share a store with leases', () => {
  afterEach(closeServers);

  it('deliver a raw file without waiting for each other: no derivative is stored', async () => {
    const store = leasedStore(memoryStore(), Date.now);
    let isFound = (): void => undefined;
    let isAsked = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const found = new Promise<void>((resolve) => {
      isFound = resolve;
    });
    const stream = () => Readable.from([Buffer.from('notes')]);
    let searches = 0;
    const originals = originalsThatFind(async () => {
      searches += 1;
      if (searches === 1) {
        isAsked();
        await found;
      }
      return {
        resourceType: 'raw',
        publicId: 'notes',
        version: 7,
        format: '',
        etag: 'e',
        createdAt: 0,
        bytes: 5,
        stream,
      };
    });
    const open = () => {
      const mount = cloud(createSafelight({ store }), 'demo', { originals, handler });
      return listen((req, res) => void mount(req, res, () => res.writeHead(404).end()));
    };
    const [slow, fast] = [await open(), await open()];
    const first = ask(slow, '/demo/raw/upload/notes');
    await asked;
    const second = ask(fast, '/demo/raw/upload/notes');
    assert.equal((await second).text, 'notes');
    isFound();
    assert.equal((await first).text, 'notes');
  });
});
