import assert from 'node:assert/strict';
import { createClient } from '@redis/client';
import { redisSettingsWarnings } from '@safelight/stores';
import { missingService } from '../../../test/servers/missing-service.ts';
import { type RedisSettings, warningsOf } from '../src/redis/redis-settings.ts';
import { hasRedisServer, ownRedis } from './redis-server.ts';

const good: RedisSettings = {
  save: '',
  appendonly: 'no',
  appendfsync: 'everysec',
  maxmemory: '268435456',
  'maxmemory-policy': 'allkeys-lru',
};

describe('warnings about the settings of a Redis', () => {
  it('are none for a cache, and for a log that loses nothing', () => {
    assert.deepEqual(warningsOf(good), []);
    assert.deepEqual(warningsOf({ ...good, 'maxmemory-policy': 'allkeys-lfu' }), []);
    assert.deepEqual(warningsOf({ ...good, appendonly: 'yes', appendfsync: 'always', save: '3600 1' }), []);
  });

  it('are none for settings that the server does not tell', () => {
    assert.deepEqual(warningsOf({}), []);
    assert.deepEqual(warningsOf({ appendonly: 'yes', maxmemory: '1' }), []);
  });

  it('are one line for each setting, which says what to do', () => {
    const { save, ...more } = good;
    const wrong: readonly (readonly [RedisSettings, RegExp])[] = [
      [{ ...more, save: '3600 1 300 100' }, /^save is "3600 1 300 100": .* run_id .*Set save ""\.$/],
      [{ ...good, appendonly: 'yes' }, /^appendfsync is everysec: .* run_id .*or appendfsync always\.$/],
      [{ ...good, appendonly: 'yes', appendfsync: 'no', save: '60 1' }, /^appendfsync is no: /],
      [{ ...good, maxmemory: '0', 'maxmemory-policy': 'noeviction' }, /^maxmemory is 0: .*allkeys-lru\.$/],
      [{ ...good, 'maxmemory-policy': 'noeviction' }, /^maxmemory-policy is noeviction: .*503.*allkeys-lru\.$/],
      [{ ...good, 'maxmemory-policy': 'volatile-random' }, /^maxmemory-policy is volatile-random: .*in use/],
      [{ ...good, 'maxmemory-policy': 'allkeys-random' }, /^maxmemory-policy is allkeys-random: .*in use/],
      [{ ...good, 'maxmemory-policy': 'volatile-ttl' }, /^maxmemory-policy is volatile-ttl: .*do not expire/],
    ];
    for (const [settings, pattern] of wrong) {
      const warnings = warningsOf(settings);
      assert.equal(warnings.length, 1, JSON.stringify(settings));
      assert.match(warnings[0] ?? '', pattern);
      assert.doesNotMatch(warnings[0] ?? '', /\n/);
    }
    assert.equal(warningsOf({ ...more, save: '60 1', maxmemory: '0' }).length, 2);
  });

  it('are none for a client that has no settings, such as that of a cluster', async () => {
    assert.deepEqual(await redisSettingsWarnings({}), []);
    assert.deepEqual(await redisSettingsWarnings({ configGet: async () => null }), []);
  });
});

describe('warnings about a real Redis', () => {
  if (!hasRedisServer()) return missingService('there is no redis-server on the PATH to start');

  /** The warnings about a server with these arguments, beside `--save '' --appendonly no`. */
  async function warningsAbout(...args: readonly string[]): Promise<readonly string[]> {
    const redis = await ownRedis(args);
    const client = createClient({ socket: { path: redis.socketPath, tls: false } });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await redisSettingsWarnings(client);
    } finally {
      client.destroy();
      await redis.remove();
    }
  }

  const bounded = ['--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru'];
  const cases: readonly (readonly [what: string, args: readonly string[], warnings: readonly RegExp[]])[] = [
    ['a cache', bounded, []],
    ['no bounds', [], [/^maxmemory is 0/]],
    ['snapshots', [...bounded, '--save', '60 1000'], [/^save is "60 1000"/]],
    ['a log, by default once a second', [...bounded, '--appendonly', 'yes'], [/^appendfsync is everysec/]],
    ['a log that loses nothing', [...bounded, '--appendonly', 'yes', '--appendfsync', 'always'], []],
    ['no eviction', ['--maxmemory', '64mb'], [/^maxmemory-policy is noeviction/]],
    ['random eviction', [...bounded, '--maxmemory-policy', 'allkeys-random'], [/^maxmemory-policy is allkeys-random/]],
    ['a CONFIG with another name', ['--save', '60 1000', '--rename-command', 'CONFIG', 'HIDDEN'], []],
    ['a user who may not use CONFIG', ['--user', 'default', 'on', 'nopass', '~*', '&*', '+@all', '-config'], []],
  ];
  for (const [what, args, expected] of cases) {
    it(`${what}: ${expected.length}`, async () => {
      const warnings = await warningsAbout(...args);
      assert.equal(warnings.length, expected.length, warnings.join('\n'));
      for (const [index, pattern] of expected.entries()) assert.match(warnings[index] ?? '', pattern);
    });
  }
});
