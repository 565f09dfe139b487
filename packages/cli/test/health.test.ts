import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../bench/free-port.ts';
import { missingService } from '../../../test/servers/missing-service.ts';
import { hasRedisServer, type OwnRedis, ownRedis } from '../../stores/test/redis-server.ts';
import { type HealthFacts, healthOf, healthResponse } from '../src/server-health.ts';
import { endAll, serving } from './safelight-process.ts';

const path = '/_safelight/health';

interface Health {
  readonly status: string;
  readonly store: { readonly state: string; readonly since?: string };
  readonly draining: boolean;
  readonly index: string;
  readonly release: string;
  readonly schema: number;
}

const facts: HealthFacts = { store: { state: 'connected' }, index: 'complete', isDraining: false };

describe('the health of a server', () => {
  const awayAt = Date.UTC(2026, 10, 29, 12);

  it('is ok with a store of its own, and with a connected one', () => {
    assert.equal(healthOf(facts).status, 'ok');
    assert.equal(healthOf({ ...facts, store: { state: 'embedded' }, index: 'none' }).status, 'ok');
  });

  it('is degraded while the store is away, or the index incomplete', () => {
    const { status, store } = healthOf({ ...facts, store: { state: 'away', sinceAt: awayAt } });
    assert.deepEqual(
      { status, store },
      { status: 'degraded', store: { state: 'away', since: '2026-11-29T12:00:00.000Z' } },
    );
    assert.equal(healthOf({ ...facts, index: 'incomplete' }).status, 'degraded');
  });

  it('never fails its health check; it is unready only while it drains', () => {
    const away: HealthFacts = { ...facts, store: { state: 'away', sinceAt: awayAt }, index: 'incomplete' };
    for (const state of [facts, away]) {
      for (const isDraining of [false, true]) {
        assert.equal(healthResponse('health', { ...state, isDraining }).status, 200);
        const { status, retryAfter } = healthResponse('ready', { ...state, isDraining });
        assert.deepEqual([status, retryAfter], isDraining ? [503, 1] : [200, undefined]);
      }
    }
  });
});

describe('the health routes of safelight serve', () => {
  let data: string;
  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'safelight-health-'));
  });
  afterEach(endAll);
  after(() => rm(data, { recursive: true }));

  it('tell the state of the process, for GET and HEAD, without credentials', async () => {
    const { origin } = await serving(['--data', data, '--api-key', '1234', '--api-secret', 'hunter2']);
    const response = await fetch(origin + path);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(response.headers.get('content-type'), 'application/json');
    const { release, schema, ...rest } = (await response.json()) as Health;
    assert.deepEqual(rest, { status: 'ok', store: { state: 'embedded' }, draining: false, index: 'complete' });
    assert.match(release, /^\d+\.\d+\.\d+/);
    assert.ok(Number.isInteger(schema));
    const ready = await fetch(`${origin}/_safelight/ready?from=balancer`);
    assert.deepEqual([ready.status, await ready.json()], [200, { status: 'ready' }]);
    for (const route of ['health', 'ready']) {
      const head = await fetch(`${origin}/_safelight/${route}`, { method: 'HEAD' });
      assert.deepEqual([head.status, await head.text()], [200, '']);
      assert.match(head.headers.get('content-length') ?? '', /^\d+$/);
    }
    const others = [
      ['POST', path],
      ['DELETE', '/_safelight/ready'],
      ['GET', `${path}/`],
      ['GET', '/_safelight/healthy'],
    ] as const;
    for (const [method, other] of others) assert.equal((await fetch(origin + other, { method })).status, 404, other);
  });

  it('are degraded and still ready without a store, and tell neither its host nor its password', async () => {
    const { origin } = await serving(['--data', data, '--store', 'redis://:hunter2@localhost:1']);
    const text = await (await fetch(origin + path)).text();
    const { status, store } = JSON.parse(text) as Health;
    assert.deepEqual([status, store.state], ['degraded', 'away']);
    assert.ok(Date.parse(store.since ?? '') <= Date.now());
    assert.doesNotMatch(text, /hunter2|localhost|redis/);
    assert.equal((await fetch(`${origin}/_safelight/ready`)).status, 200);
  });
});

describe('the health of a server whose Redis goes away', () => {
  if (!hasRedisServer()) return missingService('redis-server is not installed');

  let data: string;
  let redis: OwnRedis;
  let port: number;
  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'safelight-health-'));
    port = await freePort();
    redis = await ownRedis(['--port', String(port)]);
  });
  after(async () => {
    await endAll();
    await redis.remove();
    await rm(data, { recursive: true });
  });

  it('is degraded from the loss on, and ok as soon as the store is connected', async () => {
    const { origin, server } = await serving(['--data', data, '--store', `redis://127.0.0.1:${port}`]);
    const ask = async (): Promise<Health> => (await (await fetch(origin + path)).json()) as Health;
    assert.deepEqual((await ask()).store, { state: 'connected' });
    await redis.kill();
    await server.printed(/the store .* is lost/);
    const first = await ask();
    assert.deepEqual([first.status, first.store.state], ['degraded', 'away']);
    // Failed attempts to connect do not move the begin of the loss.
    assert.equal((await ask()).store.since, first.store.since);
    await redis.start();
    await server.printed(/the store .* is connected\n/);
    const { status, store } = await ask();
    assert.deepEqual([status, store], ['ok', { state: 'connected' }]);
    // The warnings about its settings come once.
    const told = await server.printed(/(?<=^safelight: the store redis:\/\/127\.0\.0\.1:\d+: )maxmemory is 0: .*/m);
    assert.equal(server.errors().split(String(told[0])).length, 2);
  });
});
