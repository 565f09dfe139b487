import assert from 'node:assert/strict';
import { memoryStore } from '@safelight/stores';
import { ask } from '../../../../test/servers/ask.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import { closeServers, frameworks, serve } from '../../../../test/servers/servers.ts';

describe('guard: a memory store with limits of the application', () => {
  afterEach(closeServers);

  const framework = frameworks[0] as (typeof frameworks)[number];

  it('is used as it is: many missing pictures evict neither marks of changes nor cached responses', async () => {
    const { safelight } = scene({ store: memoryStore({ maxEntries: 10, maxMarks: 10 }) });
    const work = counted((req, res) => {
      if (req.url?.startsWith('/missing')) res.writeHead(404).end();
      else res.setHeader('cache-control', 'max-age=600').end('cat');
    });
    const server = await serve(framework, safelight.guard(work, { cache: true }));
    await safelight.changed('/renewed');
    for (const path of ['/renewed', '/never-changed']) await ask(server, path);
    for (let i = 0; i < 50; i += 1) await ask(server, `/missing/${i}`);
    const runs = work.runs;
    for (const path of ['/renewed', '/never-changed']) assert.equal((await ask(server, path)).text, 'cat');
    assert.equal(work.runs, runs, 'both are still cached');
  });
});
