import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import sharp from 'sharp';
import { type ApiServer, startApi } from './api-server.ts';
import { freshSdk } from './fresh-sdk.ts';
import { untilNothingIsTemporary } from './part-sender.ts';

type Result = Readonly<Record<string, unknown>>;
type Sdk = ReturnType<typeof freshSdk>;

const chunkBytes = 5_000_001;

describe('large uploads of the official Node SDK', function () {
  this.timeout(60_000);
  let api: ApiServer;
  let cloudinary: Sdk;
  let directory: string;
  let picture: Buffer;
  let path: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'safelight-large-'));
    path = join(directory, 'noise.png');
    const noise = { width: 2_000, height: 2_000, channels: 3 } as const;
    picture = await sharp(randomBytes(12_000_000), { raw: noise }).png({ compressionLevel: 1 }).toBuffer();
    await writeFile(path, picture);
  });
  after(() => rm(directory, { recursive: true }));
  beforeEach(async () => {
    // The same minimum as Cloudinary's, so that the test shows that the SDK's parts are large enough there too.
    api = await startApi({ parts: { minPartBytes: 5_000_001 } });
    cloudinary = freshSdk(api.origin);
  });
  afterEach(async () => {
    assert.deepEqual(api.faults, []);
    await api.close();
  });

  async function assertStored(result: Result, resourceType: 'image' | 'raw', publicId: string): Promise<void> {
    assert.equal(result['public_id'], publicId, JSON.stringify(result));
    assert.equal(result['resource_type'], resourceType);
    assert.equal(result['bytes'], picture.length);
    assert.equal(result['etag'], createHash('md5').update(picture).digest('hex'));
    assert.match(String(result['secure_url']), new RegExp(`/demo/${resourceType}/upload/v\\d+/${publicId}(\\.png)?$`));
    const stored = await api.originals.find({ resourceType, publicId });
    assert.ok(picture.equals((await stored?.bytesOf()) ?? Buffer.alloc(0)));
    assert.deepEqual(api.changes, [`${resourceType}/${publicId}`]);
    await untilNothingIsTemporary(api);
  }

  it('upload_large of a file, as an image', async () => {
    const options = { public_id: 'noise', resource_type: 'image', chunk_size: chunkBytes } as const;
    const result = await called((done) => cloudinary.uploader.upload_large(path, options, done));
    await assertStored(result, 'image', 'noise');
    assert.deepEqual([result['width'], result['height'], result['format']], [2_000, 2_000, 'png']);
  });

  it('upload_large by default: raw', async () => {
    const options = { public_id: 'noise.png', chunk_size: 6_000_000 };
    await assertStored(
      await called((done) => cloudinary.uploader.upload_large(path, options, done)),
      'raw',
      'noise.png',
    );
  });

  it('a file in one part', async () => {
    const options = { public_id: 'noise', resource_type: 'image' } as const;
    await assertStored(await called((done) => cloudinary.uploader.upload_large(path, options, done)), 'image', 'noise');
  });

  it('upload_chunked_stream, whose length is not known before its end', async () => {
    const options = { public_id: 'noise', resource_type: 'image', chunk_size: chunkBytes } as const;
    const result = await called((done) => {
      Readable.from([picture]).pipe(cloudinary.uploader.upload_chunked_stream(options, done));
    });
    await assertStored(result, 'image', 'noise');
  });

  it('reads why a part is refused', async () => {
    const options = { public_id: 'noise', resource_type: 'image', chunk_size: 1_000_000 } as const;
    const error = await called((done) => cloudinary.uploader.upload_large(path, options, done)).catch((e) => e);
    assert.deepEqual(
      [error.http_code, error.message],
      [400, 'All parts except EOF-chunk must have at least 5000001 bytes. This one has 1000000.'],
    );
  });

  it('completes an upload that broke off, when its parts are repeated under the same ID', async () => {
    const cutting = await startCutting(api.origin, 2);
    cloudinary = freshSdk(cutting.origin);
    try {
      const headers = { 'X-Unique-Upload-Id': 'noise' };
      const options = { public_id: 'noise', resource_type: 'image', chunk_size: chunkBytes } as const;
      const broken = { ...options, extra_headers: headers };
      const first = called((done) => cloudinary.uploader.upload_large(path, broken, done));
      await assert.rejects(first, ({ code }) => code === 'ECONNRESET');
      assert.deepEqual(api.changes, []);
      const result = await called((done) => cloudinary.uploader.upload_large(path, broken, done));
      await assertStored(result, 'image', 'noise');
      assert.deepEqual(cutting.ranges, [
        'bytes 0-5000000/-1',
        'bytes 5000001-10000001/-1 cut',
        'bytes 0-5000000/-1',
        'bytes 5000001-10000001/-1',
        `bytes 10000002-${picture.length - 1}/${picture.length}`,
      ]);
    } finally {
      await cutting.close();
    }
  });
});

/** The argument of the SDK's callbacks: an error or a result. */
function called(call: (done: (error: unknown, result?: Result) => void) => unknown): Promise<Result> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result ?? {})));
  });
}

/** A proxy that closes the connection in the middle of one request, counted from 1. */
async function startCutting(target: string, cutAt: number) {
  const ranges: string[] = [];
  const server = createServer((req, res) => {
    const isCut = ranges.push(String(req.headers['content-range'])) === cutAt;
    if (isCut) ranges[cutAt - 1] += ' cut';
    passOn(req, res, target, isCut).catch(() => req.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ranges,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

async function passOn(req: IncomingMessage, res: ServerResponse, target: string, isCut: boolean): Promise<void> {
  const headers = Object.fromEntries(
    ['content-type', 'content-range', 'x-unique-upload-id'].map((name) => [name, String(req.headers[name])]),
  );
  const body = isCut ? halfOf(req) : req;
  const response = await fetch(target + req.url, {
    method: 'POST',
    headers,
    body: Readable.toWeb(Readable.from(body)),
    duplex: 'half',
  } as RequestInit);
  res.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
}

async function* halfOf(req: IncomingMessage): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of req) {
    bytes += (chunk as Buffer).length;
    if (bytes > chunkBytes / 2) {
      req.socket.destroy();
      throw new Error('the connection is cut');
    }
    yield chunk as Buffer;
  }
}
