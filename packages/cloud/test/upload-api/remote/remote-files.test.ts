import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Server as NetServer, Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { ResolveName } from '../../../src/upload-api/remote/host-addresses.ts';
import { createRemoteFiles } from '../../../src/upload-api/remote/remote-files.ts';
import { type RemoteFilesOptions, remoteFileLimits } from '../../../src/upload-api/remote/remote-files-options.ts';
import { filesTestCertificate } from './files-test-certificate.ts';
import { listening, type RemoteServer, startRaw, startRemote } from './remote-servers.ts';

const unreachable = / - its host cannot be reached, or has no public address$/;
const local: ResolveName = async () => ['127.0.0.1'];

interface Fetched {
  readonly text: string;
  readonly filename: string | undefined;
  readonly mediaType: string | undefined;
}

/** Fetches a file, with an address of this machine as the only private one. */
async function load(url: string, options: Partial<RemoteFilesOptions> = {}, resolve = local): Promise<Fetched> {
  const given = { hosts: [`files.test:${new URL(url).port || 80}`], privateAddresses: ['127.0.0.1'], ...options };
  const files = createRemoteFiles(remoteFileLimits(given, 1_000_000), resolve);
  return files.fetch(url, async ({ source, ...facts }) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of source) pieces.push(piece);
    return { text: Buffer.concat(pieces).toString(), ...facts };
  });
}

const refused = (message: RegExp) => ({ name: 'ApiError', status: 400, message });

describe('remote files', () => {
  const servers: Pick<RemoteServer, 'close'>[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function start(respond: RequestListener, where?: Parameters<typeof startRemote>[1]): Promise<RemoteServer> {
    const server = await startRemote(respond, where);
    servers.push(server);
    return server;
  }

  async function raw(text: string, then: (socket: Socket) => void = () => {}): Promise<string> {
    const server = await startRaw(text, then);
    servers.push(server);
    return `http://files.test:${server.port}/`;
  }

  const redirectTo =
    (location: string, status = 302): RequestListener =>
    (_, res) =>
      void res.writeHead(status, { location }).end('moved');

  it('have the bytes, the name in the URL and the media type of the response', async () => {
    const { port } = await start((_, res) => void res.setHeader('Content-Type', 'Image/PNG; a=b').end('a file'));
    assert.deepEqual(await load(`http://files.test:${port}/a/c%C3%A4t.png?b=/c.gif#d`), {
      text: 'a file',
      filename: 'cät.png',
      mediaType: 'image/png',
    });
  });

  it('are requested without compression, credentials and cookies, also after a redirect that sets one', async () => {
    const heads: Record<string, unknown>[] = [];
    const { port } = await start(({ url, headers }, res) => {
      heads.push(headers);
      if (url === '/') res.writeHead(302, { location: '/a', 'set-cookie': 'a=b' }).end();
      else res.end('a');
    });
    assert.equal((await load(`http://files.test:${port}/`)).text, 'a');
    const head = {
      accept: '*/*',
      'accept-encoding': 'identity',
      connection: 'close',
      host: `files.test:${port}`,
      'user-agent': 'Safelight',
    };
    assert.deepEqual(
      heads.map(({ ...sent }) => sent),
      [head, head],
    );
  });

  describe('addresses', () => {
    it('a name that has another address the second time: each hop is checked, and nothing is connected', async () => {
      const inner = await start((_, res) => void res.end('secret'), { host: '127.0.0.2' });
      const outer = await start(redirectTo('/again'), { port: inner.port });
      const addresses = ['127.0.0.1', '127.0.0.2'];
      let asked = 0;
      const rebinding: ResolveName = async () => [addresses[asked++] as string];
      await assert.rejects(load(`http://files.test:${outer.port}/`, {}, rebinding), refused(unreachable));
      assert.deepEqual([outer.requests, inner.requests, asked], [['/'], [], 2]);
    });

    it('only the checked address is connected: the name is resolved once for each hop', async () => {
      const inner = await start((_, res) => void res.end('secret'), { host: '127.0.0.2' });
      const outer = await start((_, res) => void res.end('public'), { port: inner.port });
      let asked = 0;
      const rebinding: ResolveName = async () => [asked++ === 0 ? '127.0.0.1' : '127.0.0.2'];
      assert.equal((await load(`http://files.test:${outer.port}/`, {}, rebinding)).text, 'public');
      assert.deepEqual([inner.requests, asked], [[], 1]);
    });

    it('a name with one private address is refused, in any order', async () => {
      const { port, requests } = await start((_, res) => void res.end());
      for (const addresses of [['127.0.0.1', '10.0.0.1'], ['10.0.0.1', '127.0.0.1'], ['::1', '127.0.0.1'], []]) {
        await assert.rejects(
          load(`http://files.test:${port}/`, {}, async () => addresses),
          refused(unreachable),
        );
      }
      assert.deepEqual(requests, []);
    });

    it('a name that does not exist, a private address and a closed port have the same message', async () => {
      const { port } = await start((_, res) => void res.end());
      await servers.pop()?.close();
      const url = `http://files.test:${port}/`;
      const messages: string[] = [];
      const failing: ResolveName = () => Promise.reject(new Error('ENOTFOUND'));
      for (const resolve of [local, failing, async () => ['169.254.169.254']]) {
        await load(url, {}, resolve).catch(({ message }: Error) => messages.push(message));
      }
      const text = `Error in loading ${url} - its host cannot be reached, or has no public address`;
      assert.deepEqual(messages, [text, text, text]);
    });

    for (const host of [
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      '127.1',
      '0177.0.0.1',
      '[::1]',
      '[::ffff:7f00:1]',
      'localhost',
      'a.localhost',
      '0',
      '[::]',
      '[64:ff9b::7f00:1]',
      '①②⑦.0.0.1',
    ]) {
      it(`${host} is refused`, async () => {
        const { port, requests } = await start((_, res) => void res.end());
        const options = { hosts: [`*:${port}`], privateAddresses: [] };
        await assert.rejects(load(`http://${host}:${port}/`, options), refused(unreachable));
        assert.deepEqual(requests, []);
      });
    }

    it('localhost needs no name server', async () => {
      const { port } = await start((_, res) => void res.end('here'));
      const options = { hosts: [`localhost:${port}`], privateAddresses: ['127.0.0.1', '::1'] };
      assert.equal((await load(`http://localhost:${port}/`, options, () => assert.fail())).text, 'here');
    });
  });

  describe('redirects', () => {
    it('are followed three times', async () => {
      const { port, requests } = await start(({ url }, res) => {
        const count = Number(url?.slice(1));
        if (count === 3) res.end('found');
        else res.writeHead([301, 303, 308][count] as number, { location: `${count + 1}` }).end();
      });
      const { text, filename } = await load(`http://files.test:${port}/0`);
      assert.deepEqual([text, filename, requests.length], ['found', '0', 4]);
    });

    it('are not followed a fourth time', async () => {
      const { port, requests } = await start(redirectTo('/', 307));
      await assert.rejects(load(`http://files.test:${port}/`), refused(/ - it has more than 3 redirects$/));
      assert.equal(requests.length, 4);
    });

    const targets: readonly (readonly [location: string, message: RegExp])[] = [
      ['http://127.0.0.1/', / - it redirects to a host or port that files are not fetched from$/],
      ['http://other.test/', / - it redirects to a host or port that files are not fetched from$/],
      ['//files.test:22/', / - it redirects to a host or port that files are not fetched from$/],
      ['ftp://files.test/', / - it redirects to a scheme other than http and https$/],
      ['file:///etc/passwd', / - it redirects to a scheme other than http and https$/],
      ['data:,a', / - it redirects to a scheme other than http and https$/],
      ['http://[', / - it redirects to a malformed URL$/],
      ['http://user:word@files.test/', / - it redirects to a URL with a password$/],
    ];
    for (const [location, message] of targets) {
      it(`to ${location} are refused, and the target is not named`, async () => {
        const { port } = await start(redirectTo(location));
        const url = `http://files.test:${port}/a`;
        await assert.rejects(load(url), ({ message: text }: Error) => {
          assert.match(text, message);
          assert.equal(text.startsWith(`Error in loading ${url} - `), true);
          return true;
        });
      });
    }

    it('to loopback are refused, also when all hosts are in the list', async () => {
      const inner = await start((_, res) => void res.end('secret'), { host: '127.0.0.2' });
      const outer = await start(redirectTo(`http://127.0.0.2:${inner.port}/`));
      const hosts = [`*:${inner.port}`, `*:${outer.port}`];
      await assert.rejects(load(`http://files.test:${outer.port}/`, { hosts }), refused(unreachable));
      assert.deepEqual(inner.requests, []);
    });

    it('without a Location are errors', async () => {
      const { port } = await start((_, res) => void res.writeHead(302).end());
      await assert.rejects(load(`http://files.test:${port}/`), refused(/ - 302 Found$/));
    });
  });

  describe('with https', () => {
    const trusted = getCACertificates('default');
    afterEach(() => setDefaultCACertificates(trusted));

    async function startHttps(respond: RequestListener): Promise<number> {
      const server = createHttpsServer(filesTestCertificate, respond);
      const { port, close } = await listening(server as NetServer, '127.0.0.1', 0);
      servers.push({ close });
      return port;
    }

    it('are fetched from a server with a trusted certificate for this name', async () => {
      const port = await startHttps((_, res) => void res.end('a file'));
      const url = `https://files.test:${port}/`;
      await assert.rejects(load(url), refused(unreachable));
      setDefaultCACertificates([...trusted, filesTestCertificate.cert]);
      assert.equal((await load(url)).text, 'a file');
      const other = { hosts: [`other.test:${port}`] };
      await assert.rejects(load(`https://other.test:${port}/`, other), refused(unreachable));
    });

    it('do not redirect to http', async () => {
      setDefaultCACertificates([...trusted, filesTestCertificate.cert]);
      const plain = await start((_, res) => void res.end('a file'));
      const port = await startHttps(redirectTo(`http://files.test:${plain.port}/`));
      const hosts = [`files.test:${port}`, `files.test:${plain.port}`];
      const message = / - it redirects from https to another scheme$/;
      await assert.rejects(load(`https://files.test:${port}/`, { hosts }), refused(message));
      assert.deepEqual(plain.requests, []);
    });
  });

  describe('are refused', () => {
    for (const [url, message] of [
      ['ftp://files.test/a', /^Remote files are fetched by http and https only\./],
      ['s3://bucket/a', /^Remote files are fetched by http and https only\./],
      ['http://user@files.test/', /the URL has a user name or a password/],
      ['http://user:word@files.test/', /the URL has a user name or a password/],
      ['http://:80:80/', /the URL is malformed/],
      ['http://other.test/', / - files are not fetched from its host or port$/],
      ['http://files.test:25/', / - files are not fetched from its host or port$/],
    ] as const) {
      it(url, async () => {
        const files = createRemoteFiles(remoteFileLimits({ hosts: ['files.test'] }, 9), () => assert.fail());
        await assert.rejects(
          files.fetch(url, async () => undefined),
          refused(message),
        );
      });
    }

    for (const [status, text] of [
      [404, '404 Not Found'],
      [403, '403 Forbidden'],
      [500, '500 Internal Server Error'],
      [204, '204 No Content'],
      [206, '206 Partial Content'],
      [299, '299 Unknown'],
    ] as const) {
      it(`with ${text}`, async () => {
        const { port } = await start((_, res) => void res.writeHead(status).end());
        const url = `http://files.test:${port}/cat.jpg`;
        await assert.rejects(load(`${url}?key=secret`), {
          name: 'ApiError',
          status: 400,
          message: `Error in loading ${url} - ${text}`,
        });
      });
    }

    const ended = / - the connection has ended before the end of the file$/;
    const responses: readonly (readonly [name: string, head: string, end: boolean, message: RegExp])[] = [
      ['when the body is shorter than declared', 'Content-Length: 9\r\n\r\nshort', true, ended],
      ['when the last chunk is missing', 'Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n', true, ended],
      ['when a chunk is malformed', 'Transfer-Encoding: chunked\r\n\r\nz\r\nshort\r\n', false, /Error in loading/],
      ['without a length', '\r\nall of it?', true, / - the response has neither a Content-Length nor chunks/],
      ['with two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n\r\nshort', true, unreachable],
      ['with a malformed length', 'Content-Length: -5\r\n\r\nshort', true, unreachable],
      [
        'with gzip',
        'Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nshort',
        true,
        / has the Content-Encoding gzip, /,
      ],
      [
        'when the length is too large',
        'Content-Length: 1000001\r\n\r\n',
        false,
        / - File size too large\. At most 1000000 bytes/,
      ],
      ['when no byte follows', 'Content-Length: 9\r\n\r\nshort', false, / - no byte has arrived in 200 ms$/],
      ['when the head does not end', 'A: b\r\n', false, / - no byte has arrived in 200 ms$/],
      ['when the head is too large', `A: ${'b'.repeat(20_000)}\r\n\r\n`, false, unreachable],
    ];
    for (const [name, head, end, message] of responses) {
      it(name, async () => {
        const url = await raw(`HTTP/1.1 200 OK\r\n${head}`, (socket) => end && socket.end());
        await assert.rejects(load(url, { maxIdleMs: 200 }), refused(message));
      });
    }

    it('when the server does not speak HTTP', async () => {
      await assert.rejects(load(await raw('220 mail.test ESMTP\r\n')), refused(unreachable));
    });

    it('when the server goes on sending small pieces', async () => {
      const { port } = await start((_, res) => {
        const timer = setInterval(() => res.write('a'), 10);
        res.on('close', () => clearInterval(timer));
      });
      await assert.rejects(
        load(`http://files.test:${port}/`, { timeoutMs: 300 }),
        refused(/ - it took longer than 300 ms$/),
      );
    });

    it('when each redirect takes some time', async () => {
      const { port } = await start((_, res) => void setTimeout(() => res.writeHead(302, { location: '/' }).end(), 150));
      const options = { timeoutMs: 400, maxRedirects: 20 };
      await assert.rejects(load(`http://files.test:${port}/`, options), refused(/ - it took longer than 400 ms$/));
    });

    it('when no name server responds', async () => {
      const silent: ResolveName = () => new Promise(() => {});
      await assert.rejects(
        load('http://files.test/', { timeoutMs: 100 }, silent),
        refused(/ - it took longer than 100 ms$/),
      );
    });

    it('when the body has no end: at most one piece more than allowed is read', async () => {
      let sent = 0;
      const { port } = await start((_, res) => {
        const piece = Buffer.alloc(65_536, 'x');
        const write = (): void => {
          while (!res.destroyed) {
            sent += piece.length;
            if (!res.write(piece)) return void res.once('drain', write);
          }
        };
        write();
      });
      await assert.rejects(
        load(`http://files.test:${port}/`),
        refused(/ - File size too large\. At most 1000000 bytes/),
      );
      // What the buffers of the two sockets have is sent too.
      assert.ok(sent < 20_000_000, `${sent} bytes`);
    });

    it('when more of them are fetched than allowed', async () => {
      const waiting = Promise.withResolvers<void>();
      const { port } = await start(async (_, res) => {
        await waiting.promise;
        res.end('a');
      });
      const limits = remoteFileLimits(
        { hosts: [`files.test:${port}`], privateAddresses: ['127.0.0.1'], maxConcurrent: 1 },
        9,
      );
      const files = createRemoteFiles(limits, local);
      const use = async ({ source }: { readonly source: AsyncIterable<Uint8Array> }) => {
        for await (const _ of source);
        return 'read';
      };
      const first = files.fetch(`http://files.test:${port}/`, use);
      await assert.rejects(files.fetch(`http://files.test:${port}/`, use), {
        status: 503,
        headers: { 'retry-after': '5' },
      });
      waiting.resolve();
      assert.equal(await first, 'read');
      assert.equal(await files.fetch(`http://files.test:${port}/`, use), 'read');
    });
  });

  it('a body that is longer than declared ends where it was declared, or is refused', async () => {
    const url = await raw('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nshorter', (socket) => socket.end());
    const text = await load(url).then(
      (file) => file.text,
      (error: Error) => error.message,
    );
    assert.match(text, /^short$|^Error in loading /);
  });
});
