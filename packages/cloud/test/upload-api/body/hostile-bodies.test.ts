import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cloud } from '@safelight/cloud';
import { originalsThatFind } from '../../../../../test/servers/originals-that-find.ts';
import { scene } from '../../../../../test/servers/scene.ts';

const MB = 1024 ** 2;
const nothing = originalsThatFind(() => undefined);

/** Bodies that take long to parse, each with its media type. */
const bodies: Readonly<Record<string, readonly [mediaType: string, body: string]>> = {
  'many names without =': ['application/x-www-form-urlencoded', 'a&'.repeat(10 * MB)],
  'JSON with many keys': ['application/json', `{${Array.from({ length: MB }, (_, i) => `"k${i}":1`).join()}}`],
  'JSON with many elements': ['application/json', `[${'1,'.repeat(10 * MB)}1]`],
  'JSON that is nested deeply': ['application/json', '['.repeat(20 * MB)],
  'JSON that is nested deeply in objects': ['application/json', '{"a":'.repeat(4 * MB)],
  'a string with many quotes': ['application/json', `{"a":"${'\\"'.repeat(10 * MB)}`],
};

describe('the shape of a body', () => {
  for (const [what, [mediaType, body]] of Object.entries(bodies)) {
    it(`${what}: refused with 400, without a long stop of the process`, async function () {
      this.timeout(20_000);
      const { safelight, faults } = scene();
      const options = { originals: nothing, handler: assert.fail, uploadPresets: ['open'], maxUploadBytes: 30_000_000 };
      const mount = cloud(safelight, 'demo', options);
      const server = createServer((req, res) => void mount(req, res, () => res.writeHead(404).end()));
      server.listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const { port } = server.address() as AddressInfo;
      let longestMs = 0;
      let last = performance.now();
      const watch = setInterval(() => {
        longestMs = Math.max(longestMs, performance.now() - last);
        last = performance.now();
      }, 1);
      const bytes = Buffer.from(body);
      const status = await new Promise((resolve, reject) => {
        const headers = { 'content-type': mediaType, 'content-length': bytes.length };
        const sent = request({ port, method: 'POST', path: '/v1_1/demo/image/upload', headers }, (res) => {
          res.resume();
          resolve(res.statusCode);
        });
        sent.once('error', reject);
        sent.end(bytes);
      });
      clearInterval(watch);
      server.closeAllConnections();
      server.close();
      assert.ok(status === 400 || status === 413, `${status}`);
      // Quadratic time would be minutes. The limit leaves room for the collector of a busy machine.
      assert.ok(longestMs < 2000, `the process stood still for ${longestMs} ms`);
      assert.deepEqual(faults, []);
    });
  }
});
