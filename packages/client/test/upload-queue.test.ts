import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createUploader, type UploaderOptions, uploadAll } from '@safelight/client/upload';
import { catResponse } from './recorded-responses.ts';
import { respondWithJson, startTestServer, type TestServer, type WireRequest } from './upload-server.ts';

/** A server whose responses the test sends, in any order. */
async function startHeldServer() {
  const held = new Map<string, () => void>();
  const arrivals = new EventTarget();
  const server = await startTestServer((request, res) => {
    held.set(nameOf(request), () => respondWithJson(res, { ...catResponse, public_id: nameOf(request) }));
    arrivals.dispatchEvent(new Event('arrival'));
  });
  return {
    server,
    async arrived(...names: readonly string[]) {
      while (!names.every((name) => held.has(name))) {
        await once(arrivals, 'arrival');
      }
    },
    respond(name: string) {
      held.get(name)?.();
    },
  };
}

const nameOf = ({ fields }: WireRequest): string => fields.at(-1)?.filename ?? '';
const file = (name: string): File => new File([name], name);
const files = (...names: readonly string[]): readonly File[] => names.map(file);

describe('several uploads of one client', () => {
  const servers: TestServer[] = [];
  const begin = async (options: Partial<UploaderOptions> = {}) => {
    const held = await startHeldServer();
    servers.push(held.server);
    const upload = createUploader({ endpoint: held.server.origin, cloudName: 'demo', ...options });
    return { ...held, upload };
  };
  const phases = (tasks: readonly { readonly phase: string }[]) => tasks.map(({ phase }) => phase);

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it('send three at a time, in their order; the others are queued', async () => {
    const { upload, arrived, respond, server } = await begin();
    const tasks = uploadAll(upload, files('a', 'b', 'c', 'd', 'e'));
    assert.deepEqual(phases(tasks), ['queued', 'queued', 'queued', 'queued', 'queued']);
    await arrived('a', 'b', 'c');
    assert.deepEqual(phases(tasks), ['sending', 'sending', 'sending', 'queued', 'queued']);
    respond('b');
    await arrived('d');
    assert.deepEqual(phases(tasks), ['sending', 'ready', 'sending', 'sending', 'queued']);
    assert.equal(server.requests.length, 4);
    for (const name of ['a', 'c', 'd']) {
      respond(name);
    }
    await arrived('e');
    respond('e');
    const assets = await Promise.all(tasks);
    assert.deepEqual(
      assets.map(({ publicId }) => publicId),
      ['a', 'b', 'c', 'd', 'e'],
    );
  });

  it('share the limit with single uploads', async () => {
    const { upload, arrived, respond } = await begin({ concurrency: 1 });
    const first = upload(file('a'));
    const [second] = uploadAll(upload, files('b'));
    await arrived('a');
    assert.equal(second?.phase, 'queued');
    respond('a');
    await first;
    await arrived('b');
    respond('b');
    await second;
  });

  it('an abort lets the next one start at once, also when a step cannot be aborted', async () => {
    const { upload, arrived, respond } = await begin({
      concurrency: 1,
      sign: async (parameters) =>
        parameters['public_id'] === 'stuck'
          ? new Promise<never>(() => undefined)
          : { signature: 'x', timestamp: 1, apiKey: '1' },
    });
    const stuck = upload(file('a'), { publicId: 'stuck' });
    const next = upload(file('b'));
    await new Promise(setImmediate);
    stuck.abort('enough');
    await assert.rejects(stuck, (reason) => reason === 'enough');
    await arrived('b');
    respond('b');
    assert.equal((await next).publicId, 'b');
  });

  it('an upload that is aborted while it is queued is never sent, and rejects at once', async () => {
    const { upload, arrived, respond, server } = await begin({ concurrency: 1 });
    const [first, second, third] = uploadAll(upload, files('a', 'b', 'c'));
    await arrived('a');
    second?.abort('enough');
    await assert.rejects(second as Promise<unknown>, (reason) => reason === 'enough');
    assert.equal(second?.phase, 'aborted');
    assert.equal(first?.phase, 'sending');
    respond('a');
    await arrived('c');
    respond('c');
    await third;
    assert.deepEqual(server.requests.map(nameOf), ['a', 'c']);
  });

  it('an upload that fails does not affect the others', async () => {
    const { upload, arrived, respond } = await begin({ concurrency: 2 });
    const tasks = uploadAll(upload, [file('a'), new Blob(), file('b')]);
    const outcomes = Promise.allSettled(tasks);
    await arrived('a', 'b');
    respond('a');
    respond('b');
    assert.deepEqual(
      (await outcomes).map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(phases(tasks), ['ready', 'failed', 'ready']);
  });

  it('take their options from a function of each file', async () => {
    const { upload, arrived, respond, server } = await begin();
    const tasks = uploadAll(upload, files('a', 'b'), ({ name }, index) => ({ publicId: `album/${index}-${name}` }));
    assert.deepEqual(
      tasks.map(({ publicId }) => publicId),
      ['album/0-a', 'album/1-b'],
    );
    await arrived('a', 'b');
    respond('a');
    respond('b');
    await Promise.all(tasks);
    assert.deepEqual(server.requests.map(({ fields }) => fields[0]?.value).toSorted(), ['album/0-a', 'album/1-b']);
  });

  it('are aborted together by one signal', async () => {
    const { upload, arrived } = await begin();
    const controller = new AbortController();
    const tasks = uploadAll(upload, files('a', 'b', 'c', 'd'), { signal: controller.signal });
    await arrived('a', 'b', 'c');
    controller.abort('left');
    const outcomes = await Promise.allSettled(tasks);
    assert.ok(outcomes.every((outcome) => outcome.status === 'rejected' && outcome.reason === 'left'));
    assert.deepEqual(phases(tasks), ['aborted', 'aborted', 'aborted', 'aborted']);
  });
});
