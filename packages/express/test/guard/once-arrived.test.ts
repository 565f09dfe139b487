import assert from 'node:assert/strict';
import type { OutcomeEvent } from '@safelight/core';
import type { SafelightOptions } from '@safelight/express';
import { ask, askAndStay } from '../../../../test/servers/ask.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, type Framework, frameworks, serve } from '../../../../test/servers/servers.ts';

async function uploading(options: SafelightOptions = {}) {
  const { safelight } = scene(options);
  let exists = false;
  const work = counted((_req, res) => void (exists ? res.end('cat') : res.writeHead(404).end()));
  const server = await serve(frameworks[2] as Framework, safelight.guard(work, { asset: () => 'cat' }));
  const upload = Promise.withResolvers<void>();
  const saved = safelight.saving('cat', () => upload.promise);
  const finish = async () => {
    exists = true;
    upload.resolve();
    await saved;
  };
  return { work, server, finish };
}

describe('a request while its original is being uploaded', () => {
  afterEach(closeServers);

  it('waits until the upload ends, then the handler runs', async () => {
    const { work, server, finish } = await uploading();
    const waiting = ask(server, '/cat');
    await ask(server, '/cat', { method: 'POST' });
    assert.equal(work.runs, 1, 'only the POST');
    await finish();
    assert.deepEqual([(await waiting).text, work.runs], ['cat', 2]);
  });

  it('runs the handler after maxPendingMs', async () => {
    const { work, server, finish } = await uploading({ maxPendingMs: 20 });
    assert.equal((await ask(server, '/cat')).status, 404);
    assert.equal(work.runs, 1);
    await finish();
  });

  it('ends when its client disconnects, without a run', async () => {
    const left = Promise.withResolvers<string>();
    const onOutcome = ({ outcome }: OutcomeEvent) => left.resolve(outcome.kind);
    const { work, server, finish } = await uploading({ timeoutMs: 120_000, maxPendingMs: 60_000, onOutcome });
    const client = askAndStay(server, '/cat');
    await ask(server, '/cat', { method: 'POST' });
    client.leave();
    assert.deepEqual([await left.promise, work.runs], ['left', 1]);
    await finish();
  });
});
