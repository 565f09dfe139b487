import assert from 'node:assert/strict';
import { formatDiagnosis } from '@safelight/client';
import { createFakeClient } from '@safelight/client/testing';

const picture = new File(['picture'], 'cat.jpg', { type: 'image/jpeg' });
const cat = { publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg' } as const;

describe('createFakeClient()', () => {
  it('uploads without a server: a task with progress, then an asset with URLs', async () => {
    const client = createFakeClient();
    const phases: string[] = [];
    const asset = await client.upload(picture, { publicId: 'cat', onProgress: ({ phase }) => phases.push(phase) });
    assert.deepEqual([...new Set(phases)], ['queued', 'sending', 'processing', 'ready']);
    assert.equal(asset.url({ width: 300 }), 'https://pictures.example/demo/image/upload/w_300/v1700000001/cat.jpg');
    assert.deepEqual(await client.find('cat'), asset);
  });

  it('holds an upload until the test has said how it goes on', async () => {
    const client = createFakeClient({ holdUploads: true, endpoint: 'https://own.example', cloudName: 'own' });
    const task = client.upload(picture);
    assert.equal(task.phase, 'queued');
    const [upload] = client.uploads;
    upload?.progress(3);
    await undefined;
    assert.equal(task.phase, 'sending');
    upload?.progress();
    assert.equal(task.phase, 'processing');
    assert.equal(await client.find('upload-1'), undefined);
    upload?.finish({ publicId: 'dog', format: 'png', width: 30, height: 20 });
    const { url, ...ref } = { url: (await task).url(), ...(await task).toJSON() };
    assert.equal(url, 'https://own.example/own/image/upload/v1700000001/dog.png');
    const expected = { publicId: 'dog', resourceType: 'image', format: 'png', width: 30, height: 20, bytes: 7 };
    assert.deepEqual(ref, { ...expected, version: 1700000001 });
  });

  it('reports the bytes that the test has sent', async () => {
    const client = createFakeClient({ holdUploads: true });
    const seen: unknown[] = [];
    const task = client.upload(picture, { onProgress: ({ phase, sentBytes }) => seen.push([phase, sentBytes]) });
    client.uploads[0]?.progress(3);
    client.uploads[0]?.finish();
    await task;
    assert.deepEqual(seen, [
      ['queued', 0],
      ['sending', 0],
      ['sending', 3],
      ['sending', 7],
      ['processing', 7],
      ['ready', 7],
    ]);
  });

  it('lets an upload fail with a code, and be aborted; neither stores an asset', async () => {
    const client = createFakeClient({ holdUploads: true });
    const [failing, aborted] = client.uploadAll([picture, picture], (_file, index) => ({ publicId: `p${index}` }));
    client.uploads[0]?.fail('rejected', { status: 413, message: 'Too large.', retryable: false });
    aborted?.abort();
    client.uploads[1]?.finish();
    await assert.rejects(failing ?? assert.fail(), { name: 'SafelightError', code: 'rejected', status: 413 });
    await assert.rejects(aborted ?? assert.fail(), { name: 'AbortError' });
    assert.deepEqual([failing?.phase, aborted?.phase], ['failed', 'aborted']);
    assert.deepEqual([await client.find('p0'), await client.find('p1')], [undefined, undefined]);
  });

  it('refuses what the real client refuses', async () => {
    const client = createFakeClient();
    await assert.rejects(client.upload(new Blob([])), { code: 'invalid_body' });
    assert.throws(() => client.upload(picture, { publicID: 'cat' } as object), /Did you mean publicId/);
    assert.throws(() => createFakeClient({ asset: [] } as object), /Did you mean assets/);
    assert.throws(() => client.asset({ publicId: 'cat', version: 1 }), { code: 'invalid_asset_ref' });
  });

  it('finds the assets that a test has stored, and waits for those that it stores later', async () => {
    const client = createFakeClient({ assets: [cat] });
    assert.equal((await client.find('cat'))?.version, cat.version);
    assert.equal((await client.whenReady('cat')).version, cat.version);
    assert.equal(await client.find('cat', { resourceType: 'video' }), undefined);
    const later = client.whenReady('cat', { newerThan: cat.version });
    client.addAsset({ ...cat, version: cat.version + 5 });
    assert.equal((await later).version, cat.version + 5);
  });

  it('stops waiting after the time-out, or by the signal', async () => {
    const client = createFakeClient();
    await assert.rejects(client.whenReady('cat', { timeoutMs: 1 }), { code: 'not_ready_in_time', retryable: true });
    const reason = new Error('left the page');
    await assert.rejects(client.whenReady('cat', { signal: AbortSignal.abort(reason) }), reason);
  });

  it('explains URLs: by its assets, or as the test says', async () => {
    const client = createFakeClient({ assets: [cat] });
    const url = client.asset(cat).url({ width: 300 });
    const { verdict, status } = await client.why(url);
    assert.deepEqual([verdict, status], ['ok', 200]);
    const missing = await client.why(client.dangerouslyBuildUrl('dog.jpg'));
    assert.equal(missing.verdict, 'missing_original');
    assert.match(formatDiagnosis(missing), /dog/);
    const telling = createFakeClient({ diagnose: () => ({ verdict: 'cached_error', remainingMs: 60_000 }) });
    assert.equal((await telling.why(url)).remainingMs, 60_000);
  });
});
