import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSafelight, ipx, type Safelight } from '@safelight/express';
import { createIPX, createIPXNodeServer, ipxHttpStorage } from 'ipx';
import { type ExampleServer, exampleServer, picture } from './example-server.ts';

const sizes = Array.from({ length: 20 }, (_, index) => 100 + index);
const codeOf = (response: Response) =>
  /err;desc="(\w+)"/.exec(response.headers.get('server-timing') ?? '')?.[1] ?? null;

describe('ipx itself, guarded with ipx()', () => {
  describe('files', () => {
    let server: ExampleServer;

    beforeEach(async () => {
      server = await exampleServer();
    });
    afterEach(() => server.close());

    it('a missing original needs one attempt for all sizes; after one upload all sizes are delivered', async () => {
      for (const size of sizes) {
        const response = await server.ask(`/ipx/w_${size}/cat.jpg`);
        assert.deepEqual([response.status, codeOf(response)], [404, 'missing_original']);
      }
      assert.equal(server.attempts.ipx, 1);
      await server.upload('cat.jpg');
      for (const size of sizes) assert.equal((await server.ask(`/ipx/w_${size}/cat.jpg`)).status, 200);
    });

    it('all spellings of its path name the same original', async () => {
      for (const path of ['w_300/cat.jpg', '_/%63at.jpg', 'w_300//cat.jpg', 'f_auto&h_200/cat%2Ejpg']) {
        assert.equal(codeOf(await server.ask(`/ipx/${path}`)), 'missing_original', path);
      }
      assert.equal(server.attempts.ipx, 1);
      await server.upload('cat.jpg');
      for (const path of ['w_300/cat.jpg', '_/%63at.jpg', 'w_300//cat.jpg', 'f_auto&h_200/cat%2Ejpg']) {
        assert.equal((await server.ask(`/ipx/${path}`)).status, 200, path);
      }
    });

    it('the failure of a damaged original is cached for each size separately', async () => {
      await server.upload('cat.jpg', Buffer.from('no picture'));
      for (const size of [100, 200, 100, 200]) {
        const response = await server.ask(`/ipx/w_${size}/cat.jpg`);
        assert.equal(response.status, 400);
        assert.notEqual(codeOf(response), 'missing_original');
      }
      assert.equal(server.attempts.ipx, 2);
      await server.upload('cat.jpg');
      for (const size of [100, 200]) assert.equal((await server.ask(`/ipx/w_${size}/cat.jpg`)).status, 200);
    });

    it('the failure of a bad modifier does not affect other modifiers', async () => {
      await server.upload('cat.jpg');
      for (let again = 0; again < 2; again += 1) assert.equal((await server.ask('/ipx/w_x/cat.jpg')).status, 500);
      assert.equal(server.attempts.ipx, 1);
      assert.equal((await server.ask('/ipx/w_100/cat.jpg')).status, 200);
    });

    it('a path with .. is refused, which does not affect the picture that it points to', async () => {
      await server.upload('cat.jpg');
      assert.equal((await server.ask('/ipx/w_100/..%2Fcat.jpg')).status, 403);
      assert.equal((await server.ask('/ipx/w_100/cat.jpg')).status, 200);
    });

    it('f_auto delivers the format that the request accepts', async () => {
      await server.upload('cat.jpg');
      for (const [accept, type] of [
        ['image/avif,image/webp,*/*', 'image/avif'],
        ['image/webp,*/*', 'image/webp'],
        ['image/png', 'image/png'],
      ] as const) {
        const response = await server.ask('/ipx/w_20,f_auto/cat.jpg', { accept });
        assert.equal(response.headers.get('content-type'), type);
      }
    });
  });

  describe('sources on another server', () => {
    let safelight: Safelight;
    let source: Server;
    let guarded: Server;
    let status = 404;
    let runs = 0;

    const serve = async (listener: RequestListener): Promise<Server> => {
      const server = createServer(listener).listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    };
    const portOf = (server: Server) => (server.address() as AddressInfo).port;
    const catUrl = () => `http://127.0.0.1:${portOf(source)}/cat.jpg`;
    const ask = (size: number) => fetch(`http://127.0.0.1:${portOf(guarded)}/w_${size}/${catUrl()}`);

    beforeEach(async () => {
      runs = 0;
      const cat = await picture();
      source = await serve((_req, res) => void res.writeHead(status).end(status === 200 ? cat : 'no cat'));
      const server = createIPXNodeServer(createIPX({ storage: ipxHttpStorage({ domains: ['127.0.0.1'] }) }));
      safelight = createSafelight();
      const handler = safelight.guard((req, res) => {
        runs += 1;
        return server(req, res);
      }, ipx());
      guarded = await serve((req, res) => void handler(req, res, () => res.writeHead(404).end()));
    });
    afterEach(() => {
      for (const server of [source, guarded]) {
        server.closeAllConnections();
        server.close();
      }
    });

    it('a 404 of that server is a missing original', async () => {
      status = 404;
      for (const size of sizes) assert.equal(codeOf(await ask(size)), 'missing_original');
      assert.equal(runs, 1);
      status = 200;
      await safelight.changed(catUrl());
      for (const size of sizes) assert.equal((await ask(size)).status, 200);
    });

    it('a 503 of that server is not', async () => {
      status = 503;
      for (const size of [100, 200]) assert.notEqual(codeOf(await ask(size)), 'missing_original');
      assert.equal(runs, 2);
    });
  });
});
