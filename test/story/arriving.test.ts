import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { picture } from './pictures.ts';
import { basicAuth, type Story, startStory } from './story.ts';

const boundary = 'between-the-parts';

interface Upload {
  /** Sends the rest of the file, and resolves with the status. */
  finish(): Promise<number>;
  /** Breaks the connection off. */
  leave(): void;
}

/** An upload whose first half has been sent. */
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
  // Its first half is read once a request that was sent after it has been answered.
  await story.ask('/demo/image/upload/w_9/somebody-else.png');
  return {
    finish() {
      socket.write(rest);
      return response.finally(() => socket.destroy());
    },
    leave: () => socket.destroy(),
  };
}

/** An upload looks for what it brings as soon as it knows what that is. */
async function arrives({ searches }: Story, publicId: string): Promise<void> {
  while (!searches.includes(publicId)) await new Promise((resolve) => setImmediate(resolve));
}

describe('a picture that is asked for while it is being uploaded', () => {
  let story: Story;
  afterEach(() => story.end());
  const at = (width: number) => story.ask(`/demo/image/upload/c_fill,h_20,w_${width}/cat.png`);
  const widths = Array.from({ length: 50 }, (_, i) => i + 10);
  const searchesOfCat = () => story.searches.filter((name) => name === 'cat').length;

  it('50 sizes wait for it, with one look-up, and are all pictures', async () => {
    story = await startStory();
    const upload = await halfSent(story, await picture('red'), { fields: { public_id: 'cat' } });
    const before = searchesOfCat();
    const asked = Promise.all(widths.map(at));
    await story.ask('/demo/image/upload/w_8/somebody-else.png');
    assert.equal(searchesOfCat() - before, 1);
    assert.equal(await upload.finish(), 200);
    for (const { status, headers } of await asked) {
      assert.deepEqual([status, headers['content-type']], [200, 'image/png']);
    }
  });

  it('the same for a stream of the official SDK, from its first bytes on', async () => {
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
    await story.ask('/demo/image/upload/w_8/somebody-else.png');
    stream?.end(bytes.subarray(100));
    assert.deepEqual([...new Set((await asked).map(({ status }) => status))], [200]);
    assert.equal(await uploaded, story.firstVersion);
  });

  it('also when its name comes behind the file: from then on', async () => {
    story = await startStory();
    const upload = await halfSent(story, await picture('red'), { fields: { public_id: 'cat' }, fieldsFirst: false });
    const early = await at(10);
    assert.equal(early.status, 404, 'nobody knows yet what is arriving');
    assert.equal(await upload.finish(), 200);
    assert.equal((await at(10)).status, 200);
  });

  it('an upload that breaks off: the truth, as soon as that is known', async () => {
    story = await startStory();
    const upload = await halfSent(story, await picture('red'), { fields: { public_id: 'cat' } });
    const asked = at(10);
    upload.leave();
    const { status, headers } = await asked;
    assert.deepEqual([status, headers['x-safelight-error']], [404, 'missing_original']);
  });

  it('in vain: 423, for nobody to keep, and nothing is remembered', async () => {
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

  it('who may not upload makes nobody wait', async () => {
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

  it('a new version of a picture: the old one is delivered meanwhile', async () => {
    story = await startStory();
    const first = await halfSent(story, await picture('blue'), { fields: { public_id: 'cat' } });
    assert.equal(await first.finish(), 200);
    const upload = await halfSent(story, await picture('red'), { fields: { public_id: 'cat' } });
    assert.equal((await at(10)).status, 200);
    assert.equal(await upload.finish(), 200);
  });
});
