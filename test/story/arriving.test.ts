import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { picture } from './pictures.ts';
import { basicAuth, type Story, startStory } from './story.ts';

const boundary = 'between-the-parts';

interface Upload {
  /** Sends the rest of the file, and resolves with the status. */
  finish(): Promise<number>;
  /** Closes the connection before the end of the upload. */
  leave(): void;
}

/** Starts an upload and sends its first half. */
async function halfSent(
  story: Story,
  bytes: Buffer,
  {
    fields,
    authorization = basicAuth,
    fieldsFirst = true,
  }: {
    readonly fields: Readonly<Record<string, string>>;
    readonly authorization?: string;
    readonly fieldsFirst?: boolean;
  },
): Promise<Upload> {
  const texts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const before = fieldsFirst ? texts.join('') : '';
  const after = fieldsFirst ? '' : texts.join('');
  const opening = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n`;
  const half = Math.floor(bytes.length / 2);
  const rest = Buffer.concat([bytes.subarray(half), Buffer.from(`\r\n${after}--${boundary}--\r\n`)]);
  const first = Buffer.concat([Buffer.from(before + opening), bytes.subarray(0, half)]);
  const { hostname, port } = new URL(story.origin);
  const socket: Socket = connect(Number(port), hostname);
  const response = new Promise<number>((resolve) => {
    let text = '';
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
      if (status !== undefined) resolve(Number(status));
    });
    socket.on('error', () => {});
  });
  const head = [
    'POST /v1_1/demo/image/upload HTTP/1.1',
    'Host: localhost',
    ...(authorization === '' ? [] : [`Authorization: ${authorization}`]),
    `Content-Type: multipart/form-data; boundary=${boundary}`,
    `Content-Length: ${first.length + rest.length}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  socket.write(first);
  // When a later request has its response, the server has read the first half.
  await story.ask('/demo/image/upload/w_9/unrelated.png');
  return {
    finish() {
      socket.write(rest);
      return response.finally(() => socket.destroy());
    },
    leave: () => socket.destroy(),
  };
}

/** An upload itself looks for the original, as soon as its asset is known. */
async function arrives({ searches }: Story, publicId: string): Promise<void> {
  while (!searches.includes(publicId)) await new Promise((resolve) => setImmediate(resolve));
}

describe('requests for a picture during its upload', () => {
  let story: Story;
  afterEach(() => story.end());
  const at = (width: number) => story.ask(`/demo/image/upload/c_fill,h_20,w_${width}/cat.png`);
  const widths = Array.from({ length: 50 }, (_, i) => i + 10);
  const searchesOfCat = () => story.searches.filter((name) => name === 'cat').length;

  it('50 sizes wait, with one look-up, and all of them get the picture', async () => {
    story = await startStory();
    const upload = await halfSent(story, await picture('red'), { fields: { public_id: 'cat' } });
    const before = searchesOfCat();
    const asked = Promise.all(widths.map(at));
    await story.ask('/demo/image/upload/w_8/unrelated.png');
    assert.equal(searchesOfCat() - before, 1);
    assert.equal(await upload.finish(), 200);
    for (const { status, headers } of await asked) {
      assert.deepEqual([status, headers['content-type']], [200, 'image/png']);
    }
  });

  it('the same for a stream of the official SDK, from its first bytes', async () => {
    story = await startStory();
    const { sdk, timestamp } = story;
    const bytes = await picture('red');
    let stream: Writable | undefined;
    const uploaded = new Promise<number>((resolve, reject) => {
      stream = sdk.uploader.upload_stream({ public_id: 'cat', timestamp: timestamp() }, (error, result) =>
        result === undefined ? reject(error) : resolve(result.version),
      );
    });
    stream?.write(bytes.subarray(0, 100));
    await arrives(story, 'cat');
    const asked = Promise.all(widths.map(at));
    await story.ask('/demo/image/upload/w_8/unrelated.png');
    stream?.end(bytes.subarray(100));
    assert.deepEqual([...new Set((await asked).map(({ status }) => status))], [200]);
    assert.equal(await uploaded, story.firstVersion);
  });

  it('when the public ID comes after the file, requests wait from then on', async () => {
    story = await startStory();
    const upload = await halfSent(story, await picture('red'), { fields: { public_id: 'cat' }, fieldsFirst: false });
    const early = await at(10);
    assert.equal(early.status, 404, 'the server does not know the asset yet');
    assert.equal(await upload.finish(), 200);
    assert.equal((await at(10)).status, 200);
  });

  it('an upload that breaks off: waiting requests get the 404 at once', async () => {
    story = await startStory();
    const upload = await halfSent(story, await picture('red'), { fields: { public_id: 'cat' } });
    const asked = at(10);
    upload.leave();
    const { status, headers } = await asked;
    assert.deepEqual([status, headers['x-safelight-error']], [404, 'missing_original']);
  });

  it('after the longest wait: 423, which no cache may store, and no failure is recorded', async () => {
    story = await startStory({ safelight: { maxPendingMs: 50 } });
    const upload = await halfSent(story, await picture('red'), { fields: { public_id: 'cat' } });
    for (let i = 0; i < 2; i += 1) {
      const { status, headers } = await at(10);
      assert.deepEqual(
        [status, headers['x-safelight-error'], headers['retry-after'], headers['cache-control']],
        [423, 'pending', '1', 'no-store'],
      );
    }
    assert.equal(await upload.finish(), 200);
    assert.equal((await at(10)).status, 200);
  });

  it('no request waits for an upload that is not authorized', async () => {
    story = await startStory();
    for (const [fields, authorization] of [
      [{ public_id: 'cat' }, ''],
      [{ public_id: 'cat', upload_preset: 'nobodys' }, ''],
      [{ public_id: 'cat', api_key: '1234', signature: 'forged', timestamp: String(story.timestamp()) }, ''],
    ] as const) {
      const upload = await halfSent(story, await picture('red'), { fields, authorization });
      assert.equal((await at(10)).headers['x-safelight-error'], 'missing_original', JSON.stringify(fields));
      upload.leave();
    }
  });

  it('a new version of a picture: the old one is delivered during the upload', async () => {
    story = await startStory();
    const first = await halfSent(story, await picture('blue'), { fields: { public_id: 'cat' } });
    assert.equal(await first.finish(), 200);
    const upload = await halfSent(story, await picture('red'), { fields: { public_id: 'cat' } });
    assert.equal((await at(10)).status, 200);
    assert.equal(await upload.finish(), 200);
  });
});
