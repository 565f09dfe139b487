import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient as createSafelightClient } from '@safelight/client';
import { missingService } from '../../../test/servers/missing-service.ts';
import { redisResponds, redisUrl } from '../../stores/test/redis-server.ts';
import { endAll, serving } from './safelight-process.ts';

const redisIsThere = await redisResponds();

describe(`two servers on one folder and the Redis at ${redisUrl}`, () => {
  if (!redisIsThere) {
    const reason = `there is no Redis at ${redisUrl}; start one or set REDIS_URL`;
    return missingService(reason);
  }

  let data: string;

  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'safelight-cli-'));
  });

  after(async () => {
    await endAll();
    await rm(data, { recursive: true });
  });

  it('share failures, and an upload through one clears the failures that the other holds', async () => {
    const flags = ['--data', data, '--store', redisUrl, '--upload-preset', 'open'];
    const [one, other] = await Promise.all([serving(flags), serving(flags)]);
    const publicId = `shared-${randomUUID()}`;
    const path = `/demo/image/upload/w_20/${publicId}.png`;

    const found = await fetch(one.origin + path);
    assert.match(found.headers.get('cache-status') ?? '', /fwd=uri-miss/);
    const held = await fetch(other.origin + path);
    assert.equal(held.status, 404);
    assert.match(held.headers.get('cache-status') ?? '', /^safelight; hit/);

    const picture = Buffer.from('R0lGODlhAgABAIAAAP8AAAAA/yH5BAAAAAAALAAAAAACAAEAAAICRAoAOw==', 'base64');
    const client = createSafelightClient({ endpoint: one.origin, cloudName: 'demo', uploadPreset: 'open' });
    await client.upload(new Uint8Array(picture), { publicId });
    assert.equal((await fetch(other.origin + path)).status, 200);
  });
});
