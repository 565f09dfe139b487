import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { casesOfRun } from '../../../test/servers/cases-of-run.ts';
import { endAll, safelight, serving } from './safelight-process.ts';

// A picture of 2 by 1 pixels.
const picture = Buffer.from('R0lGODlhAgABAIAAAP8AAAAA/yH5BAAAAAAALAAAAAACAAEAAAICRAoAOw==', 'base64');

function form(publicId: string): FormData {
  const body = new FormData();
  body.append('upload_preset', 'open');
  body.append('public_id', publicId);
  body.append('file', new Blob([picture]), 'cat.gif');
  return body;
}

function signedForm(publicId: string): FormData {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const text = `public_id=${publicId}&timestamp=${timestamp}secret`;
  const body = new FormData();
  body.append('api_key', '1234');
  body.append('public_id', publicId);
  body.append('timestamp', timestamp);
  body.append('signature', createHash('sha1').update(text).digest('hex'));
  body.append('file', new Blob([picture]), 'cat.gif');
  return body;
}

describe('safelight serve', () => {
  let data: string;

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'safelight-cli-'));
  });

  afterEach(async () => {
    await endAll();
    await rm(data, { recursive: true });
  });

  it('holds a missing picture, takes an upload, and delivers at once', async () => {
    const { origin } = await serving(['--data', data, '--upload-preset', 'open']);
    const url = `${origin}/demo/image/upload/w_20/cat.png`;
    const missing = await fetch(url);
    assert.equal(missing.status, 404);
    assert.equal(missing.headers.get('retry-after'), '60');
    assert.equal(missing.headers.get('content-type'), 'image/png');
    await missing.arrayBuffer();
    const uploaded = await fetch(`${origin}/v1_1/demo/image/upload`, { method: 'POST', body: form('cat') });
    assert.equal(uploaded.status, 200, await uploaded.text());
    assert.equal((await fetch(url)).status, 200);
  });

  it('logs which calls it refuses because credentials are missing', async () => {
    const { server } = await serving(['--data', data]);
    assert.match(server.errors(), /signed calls are refused.*; unsigned uploads are refused/);
  });

  it('reads the environment; flags have priority, and an empty variable counts as not set', async () => {
    const env = {
      SAFELIGHT_DATA: data,
      SAFELIGHT_CLOUD: 'ours',
      SAFELIGHT_STORE: '',
      SAFELIGHT_BACKOFF_FIRST: '2m',
      SAFELIGHT_PLACEHOLDER: 'drawn',
    };
    const { origin } = await serving(['--placeholder', 'none'], env);
    const missing = await fetch(`${origin}/ours/image/upload/cat.jpg`);
    assert.equal(missing.headers.get('retry-after'), '120');
    assert.match(missing.headers.get('content-type') ?? '', /^text\/plain/);
  });

  for (const [flags, statuses] of casesOfRun([
    [
      ['--keep-versions', '1'],
      [404, 404, 404, 200, 200],
    ],
    [[], [404, 200, 200, 200, 200]],
    [
      ['--keep-versions', '0'],
      [404, 404, 404, 404, 200],
    ],
  ] as const)) {
    it(`delivers older versions: serve ${flags.join(' ')}`, async () => {
      const keys = ['--api-key', '1234', '--api-secret', 'secret'];
      const { origin } = await serving(['--data', data, ...keys, ...flags]);
      const versions: number[] = [];
      for (let count = 0; count < 5; count += 1) {
        const response = await fetch(`${origin}/v1_1/demo/image/upload`, { method: 'POST', body: signedForm('cat') });
        versions.push(((await response.json()) as { readonly version: number }).version);
      }
      const responses = await Promise.all(
        versions.map((version) => fetch(`${origin}/demo/image/upload/v${version}/cat`)),
      );
      assert.deepEqual(
        responses.map(({ status }) => status),
        statuses,
      );
    });
  }
  it('has the named transformations of a file', async () => {
    const file = join(data, 'named.json');
    await writeFile(file, '{ "thumb": "c_fill,h_3,w_4" }');
    const { origin } = await serving(['--data', data, '--transformations', file]);
    const [known, unknown] = await Promise.all(
      ['t_thumb', 't_nail'].map((name) => fetch(`${origin}/demo/image/upload/${name}/cat.png`)),
    );
    assert.deepEqual([known?.status, unknown?.status], [404, 400]);
    assert.match(String(unknown?.headers.get('x-cld-error')), /Unknown named transformation: t_nail/);
  });

  it('responds to unknown paths with 404, without the name of the framework', async () => {
    const { origin } = await serving(['--data', data]);
    const response = await fetch(`${origin}/elsewhere`);
    assert.equal(response.status, 404);
    assert.equal(response.headers.get('x-powered-by'), null);
    assert.match(await response.text(), /Pictures are at \/demo\/image\/upload/);
  });

  it('finishes a running upload after SIGTERM, then exits with 0', async () => {
    const { server, origin } = await serving(['--data', data, '--upload-preset', 'open']);
    const multipart = new Response(form('slow'));
    const body = Buffer.from(await multipart.arrayBuffer());
    const upload = request(`${origin}/v1_1/demo/image/upload`, {
      method: 'POST',
      headers: {
        'content-type': multipart.headers.get('content-type') ?? '',
        'content-length': body.length,
        expect: '100-continue',
      },
    });
    upload.flushHeaders();
    await once(upload, 'continue');
    upload.write(body.subarray(0, 50));
    server.child.kill('SIGTERM');
    await refusesConnections(origin);
    upload.end(body.subarray(50));
    const [response] = await once(upload, 'response');
    assert.equal(response.statusCode, 200);
    response.resume();
    assert.equal(await server.exit, 0);
  });

  it('exits at once after a second signal', async () => {
    const { server, origin } = await serving(['--data', data, '--upload-preset', 'open']);
    const upload = request(`${origin}/v1_1/demo/image/upload`, {
      method: 'POST',
      headers: { 'content-length': 1000, expect: '100-continue' },
    });
    upload.on('error', () => undefined);
    upload.flushHeaders();
    await once(upload, 'continue');
    server.child.kill('SIGINT');
    await refusesConnections(origin);
    server.child.kill('SIGINT');
    assert.equal(await server.exit, 130);
  });

  it('a port in use is a failure in one line', async () => {
    const { origin } = await serving(['--data', data]);
    const port = new URL(origin).port;
    const second = safelight(['serve', '--port', port, '--data', data]);
    assert.equal(await second.exit, 1);
    assert.match(second.errors(), new RegExp(`^safelight: port ${port} of 127.0.0.1 is in use; .*\n$`));
  });

  it('a data folder that cannot be created is a failure in one line', async () => {
    await writeFile(join(data, 'file'), '');
    const failing = safelight(['serve', '--port', '0', '--data', join(data, 'file', 'inside')]);
    assert.equal(await failing.exit, 1);
    assert.match(
      failing.errors(),
      /^safelight: the data folder .* cannot be written: something on its path is not a folder.*\n$/,
    );
  });

  it('a data folder of a release with another schema is a usage error in one line', async () => {
    const originals = join(data, 'originals');
    await mkdir(originals);
    await writeFile(join(originals, 'safelight.json'), '{"schema":99}');
    const failing = safelight(['serve', '--port', '0', '--data', data]);
    assert.equal(await failing.exit, 2);
    assert.equal(failing.output(), '');
    assert.equal(
      failing.errors(),
      `safelight: --data ${data} cannot be used: The folder of originals ${originals} (see safelight.json in it) has schema 99, but this release of Safelight knows only schema 1. Start the release that wrote it, or a later one, or choose another directory. Nothing in it has been changed.\n`,
    );
    assert.deepEqual(await readdir(data), ['originals']);
  });

  it('a data folder whose schema cannot be read is a failure in one line', async () => {
    await mkdir(join(data, 'originals', 'safelight.json'), { recursive: true });
    const failing = safelight(['serve', '--port', '0', '--data', data]);
    assert.equal(await failing.exit, 1);
    assert.match(
      failing.errors(),
      /^safelight: --data .* cannot be used: .*safelight\.json.* cannot be read: EISDIR.*\n$/,
    );
  });

  it('a record with another schema is a transient failure and is logged; with a known schema the original is delivered', async () => {
    const { server, origin } = await serving(['--data', data, '--upload-preset', 'open']);
    const uploaded = await fetch(`${origin}/v1_1/demo/image/upload`, { method: 'POST', body: form('cat') });
    assert.equal(uploaded.status, 200, await uploaded.text());
    const originals = join(data, 'originals');
    const [name] = (await readdir(originals, { recursive: true })).filter((path) => /^assets.*\.json$/.test(path));
    assert.ok(name);
    const text = await readFile(join(originals, name), 'utf8');
    await writeFile(join(originals, name), text.replace('"schema":1', '"schema":99'));
    const failed = await fetch(`${origin}/demo/image/upload/w_20/cat.png`);
    assert.equal(failed.status, 500);
    assert.equal(failed.headers.get('retry-after'), '1');
    await server.printed(/The record .* has schema 99, but this release of Safelight knows only schema 1\./);
    await writeFile(join(originals, name), text);
    const again = await fetch(`${origin}/demo/image/upload/w_30/cat.png`);
    assert.equal(again.status, 200);
  });

  it('starts while its store is down, and logs that', async () => {
    const { server, origin } = await serving(['--data', data, '--store', 'redis://:hunter2@127.0.0.1:1']);
    assert.match(server.errors(), /the store redis:\/\/127\.0\.0\.1:1 cannot be reached/);
    assert.doesNotMatch(server.errors(), /hunter2/);
    assert.equal((await fetch(`${origin}/demo/image/upload/cat.jpg`)).status, 404);
    server.child.kill('SIGTERM');
    assert.equal(await server.exit, 0);
  });

  const mistakes: readonly (readonly [mistake: string, flags: readonly string[], says: RegExp])[] = [
    ['a port above 65535', ['--port', '70000'], /"70000" is not a port/],
    ['a duration with an unknown unit', ['--backoff-max', '1d'], /"1d" is not a duration.*24h/],
    [
      'waits in the wrong order',
      ['--backoff-first', '2h', '--backoff-max', '1h'],
      /--backoff-first 2h is longer than --backoff-max 1h/,
    ],
    ['a key without its secret', ['--api-key', 'k'], /--api-secret is missing/],
    ['another kind of store', ['--store', 'mongodb://host'], /is not the URL of a store; write redis:\/\//],
    [
      'a placeholder file that does not exist',
      ['--placeholder', 'nowhere.png'],
      /placeholder file "nowhere.png" cannot be read/,
    ],
    ['a cloud name with a slash', ['--cloud', 'a/b'], /"a\/b" is not a cloud name/],
    ['an unknown flag', ['--prot', '1'], /unknown option '--prot'/],
  ];
  for (const [mistake, flags, says] of casesOfRun(mistakes)) {
    it(`${mistake} is a usage error`, async () => {
      const failing = safelight(['serve', '--data', data, ...flags]);
      assert.equal(await failing.exit, 2);
      assert.match(failing.errors(), says);
      assert.doesNotMatch(failing.errors(), /\n {4}at /);
    });
  }
});

describe('safelight why', () => {
  let data: string;

  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'safelight-cli-'));
  });

  after(async () => {
    await endAll();
    await rm(data, { recursive: true });
  });

  it('explains a URL without requesting it', async () => {
    const { origin } = await serving(['--data', data]);
    const explaining = safelight(['why', `${origin}/demo/image/upload/w_20/cat.png`, '--json']);
    assert.equal(await explaining.exit, 1);
    const { verdict, cached } = JSON.parse(explaining.output()) as Readonly<Record<string, unknown>>;
    assert.deepEqual({ verdict, cached }, { verdict: 'missing_original', cached: false });
  });
});

/** Resolves once the server refuses connections: then it has handled the signal. */
async function refusesConnections(origin: string): Promise<void> {
  for (;;) {
    const probe = request(origin, { agent: false });
    probe.end();
    const refused = await Promise.race([
      once(probe, 'response').then(([response]) => {
        response.resume();
        return false;
      }),
      once(probe, 'error').then(() => true),
    ]).catch(() => true);
    if (refused) return;
  }
}
