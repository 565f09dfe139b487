import assert from 'node:assert/strict';
import { cloud } from '@safelight/cloud';
import type { Handler } from '@safelight/core';
import { ask } from '../../../../test/servers/ask.ts';
import { originalsThatFind } from '../../../../test/servers/originals-that-find.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, express5, listen } from '../../../../test/servers/servers.ts';

const original = { resourceType: 'image', publicId: 'cat', version: 7, format: 'jpg', etag: 'e', createdAt: 0 };

describe('the clients that a handler gets with its call', () => {
  afterEach(closeServers);

  it('are the addresses whose requests wait for the derivative, as a trusted proxy names them', async () => {
    const told: string[] = [];
    const arrived = Promise.withResolvers<void>();
    const joined = Promise.withResolvers<void>();
    const handler: Handler = async (_delivery, { clients }) => {
      clients?.each((client) => {
        told.push(client);
        arrived.resolve();
        if (told.length === 2) joined.resolve();
      });
      await joined.promise;
      return { contentType: 'image/jpeg', format: 'jpg', body: Buffer.from('cat') };
    };
    const { safelight } = scene();
    const mount = cloud(safelight, 'demo', { originals: originalsThatFind(() => original), handler });
    const app = express5().set('trust proxy', true).use(mount);
    const server = await listen(app);
    const askFrom = (client: string) =>
      ask(server, '/demo/image/upload/w_10/cat.jpg', { headers: { 'X-Forwarded-For': client } });
    const first = askFrom('192.0.2.7');
    await arrived.promise;
    const others = [askFrom('192.0.2.7'), askFrom('2001:db8::7')];
    assert.deepEqual(new Set((await Promise.all([first, ...others])).map(({ status }) => status)), new Set([200]));
    assert.deepEqual(told, ['192.0.2.7', '2001:db8:0:0::/64']);
  });
});
