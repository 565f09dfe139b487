import assert from 'node:assert/strict';
import { createClient } from '@redis/client';
import { hasRedisServer, type OwnRedis, ownRedis } from '../../packages/stores/test/redis-server.ts';
import { missingService } from '../servers/missing-service.ts';
import { type LosingProxy, losingProxy } from './losing-proxy.ts';

describe('losingProxy', () => {
  if (!hasRedisServer()) return missingService('there is no redis-server on the PATH to start');

  let redis: OwnRedis;
  let proxy: LosingProxy;
  /** Reads without the proxy. */
  let direct: ReturnType<typeof createClient>;
  let client: ReturnType<typeof createClient>;

  beforeEach(async () => {
    redis = await ownRedis();
    proxy = await losingProxy(redis.socketPath);
    direct = createClient({ socket: { path: redis.socketPath, tls: false } });
    client = createClient({ url: `redis://127.0.0.1:${proxy.port}`, socket: { reconnectStrategy: false } });
    for (const each of [direct, client]) await each.on('error', () => undefined).connect();
  });
  afterEach(async () => {
    for (const each of [direct, client]) if (each.isOpen) each.destroy();
    await proxy.close();
    await redis.remove();
  });

  async function untilDirect(key: string): Promise<string> {
    for (;;) {
      const value = await direct.get(key);
      if (value !== null) return value;
    }
  }

  it('forwards commands and replies', async () => {
    assert.equal(await client.set('a', '1'), 'OK');
    assert.equal(await client.get('a'), '1');
  });

  it('loses a reply after the command was executed', async () => {
    proxy.loseReplies();
    await assert.rejects(client.set('a', '1'));
    assert.equal(await direct.get('a'), '1');
  });

  it('holds a command, and forwards it after the client has gone', async () => {
    proxy.holdCommands();
    const write = client.set('a', '1');
    await direct.ping();
    assert.equal(await direct.get('a'), null);
    client.destroy();
    await assert.rejects(write);
    await direct.ping();
    assert.equal(await direct.get('a'), null);
    proxy.mend();
    assert.equal(await untilDirect('a'), '1');
  });

  it('is silent, and then forwards what has arrived', async () => {
    proxy.silence();
    let isSettled = false;
    const write = client.set('a', '1').finally(() => {
      isSettled = true;
    });
    await direct.ping();
    assert.equal(isSettled, false);
    proxy.mend();
    assert.equal(await write, 'OK');
  });

  it('cuts connections', async () => {
    proxy.cut();
    await assert.rejects(client.set('a', '1'));
    assert.equal(await direct.get('a'), null);
    const next = createClient({ url: `redis://127.0.0.1:${proxy.port}`, socket: { reconnectStrategy: false } });
    await assert.rejects(next.on('error', () => undefined).connect());
  });

  it('is slow', async () => {
    proxy.slow(100);
    const startedAt = performance.now();
    await client.set('a', '1');
    assert.ok(performance.now() - startedAt > 190);
  });
});
