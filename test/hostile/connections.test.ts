import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawPicture } from '../browsers/site.ts';

const mainFile = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));

describe('stalled connections, when few files may be open', function () {
  this.timeout(30_000);

  it('make no picture fail after they are gone', async function () {
    if (process.platform !== 'linux') return this.skip();
    const data = await mkdtemp(join(tmpdir(), 'safelight-files-'));
    const args = ['serve', '--port', '0', '--data', data, '--upload-preset', 'open'];
    // Node raises the soft limit to the hard limit, so both are set.
    const child = spawn('sh', ['-c', `ulimit -n 300; exec "$0" "$@"`, process.execPath, mainFile, ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const sockets: Socket[] = [];
    try {
      const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
      const origin = /http:\S+/.exec(line)?.[0] ?? assert.fail(line);
      const body = new FormData();
      body.append('upload_preset', 'open');
      body.append('public_id', 'cat');
      body.append(
        'file',
        new Blob([(await drawPicture({ width: 80, height: 60 })).bytes as Uint8Array<ArrayBuffer>]),
        'x',
      );
      assert.equal((await fetch(`${origin}/v1_1/demo/image/upload`, { method: 'POST', body })).status, 200);

      const stalled =
        'POST /v1_1/demo/raw/upload HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n--b';
      for (let i = 0; i < 160; i += 1) {
        const socket = connect(Number(new URL(origin).port), '127.0.0.1').on('error', () => undefined);
        socket.write(stalled);
        sockets.push(socket);
      }
      // The server has closed what is too much. A new size may be refused now, but nothing of that is held.
      await fetch(`${origin}/demo/image/upload/w_30/cat.png`).catch(() => undefined);
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal((await fetch(`${origin}/demo/image/upload/w_30/cat.png`)).status, 200);
      assert.equal((await fetch(`${origin}/demo/image/upload/w_31/cat.png`)).status, 200);
    } finally {
      for (const socket of sockets) socket.destroy();
      child.kill('SIGKILL');
      await rm(data, { recursive: true, force: true });
    }
  });
});
