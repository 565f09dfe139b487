import assert from 'node:assert/strict';
import { request } from 'node:http';
import { hasNginx, type Nginx, startNginx } from '../servers/nginx.ts';
import { type HostileScene, startServe } from './serve.ts';

const uploads = 20;
const kB = 1024;
const form = 'multipart/form-data; boundary=b';
const begin = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n';

/** How nginx forwards bodies. Its default takes at most 1 MB. */
const proxies: Readonly<Record<string, string>> = {
  'default settings': '',
  'larger bodies': 'client_max_body_size 0;',
  'larger bodies, not buffered': 'client_max_body_size 0; proxy_request_buffering off; proxy_http_version 1.1;',
  'not buffered': 'proxy_request_buffering off;',
};

/** Of a refused call the server reads at most 16 MiB. */
const sizes: Readonly<Record<string, readonly number[]>> = {
  'default settings': [900 * kB],
  'larger bodies': [900 * kB, 20_480 * kB],
  'larger bodies, not buffered': [900 * kB, 20_480 * kB],
  'not buffered': [900 * kB],
};

/** Sends a whole body, and resolves with the status. */
function upload(port: number, bytes: number, headers: Readonly<Record<string, string>>): Promise<number | string> {
  return new Promise((resolve) => {
    const path = '/v1_1/demo/raw/upload';
    const fields = { 'content-type': form, 'content-length': bytes, ...headers };
    const call = request({ port, host: '127.0.0.1', path, method: 'POST', headers: fields }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', (error) => resolve(error.message));
    const send = () => call.end(begin + 'x'.repeat(bytes - begin.length));
    if ('expect' in headers) call.once('continue', send).flushHeaders();
    else send();
  });
}

/** Refused when its first 64 kB have arrived, and refused before its body is read. */
const servers = { 400: undefined, 401: [] } as const;

for (const [status, args] of Object.entries(servers)) {
  describe(`a refusal (${status}) behind nginx`, function () {
    this.timeout(120_000);

    let scene: HostileScene;
    before(async function () {
      if (!hasNginx()) return this.skip();
      scene = await startServe(args);
    });
    after(() => scene?.end());

    for (const [proxy, settings] of Object.entries(proxies)) {
      describe(`with ${proxy}`, () => {
        let nginx: Nginx;
        before(async () => {
          nginx = await startNginx(
            (port) => `server { listen 127.0.0.1:${port}; location / { ${settings} proxy_pass ${scene.origin}; } }`,
          );
        });
        after(() => nginx.stop());

        for (const bytes of sizes[proxy] ?? []) {
          // The large ones take long, and take the same path for both statuses.
          if (bytes > 16_384 * kB && status !== '400') continue;
          for (const headers of [{}, { connection: 'close' }, { expect: '100-continue' }]) {
            it(`reaches ${uploads} of ${uploads} clients that send ${bytes / kB} kB ${JSON.stringify(headers)}`, async () => {
              const calls = Array.from({ length: uploads }, () => upload(nginx.port, bytes, headers));
              const others = (await Promise.all(calls)).filter((result) => result !== Number(status));
              assert.deepEqual(others, [], others.length === 0 ? '' : `${others.join(', ')}\n${await nginx.log()}`);
            });
          }
        }
      });
    }
  });
}
