import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type HostileScene, startServe } from './serve.ts';

const bodyBytes = 4 * 1024 ** 2;

/** Sends a large body at full speed, and reads the response only when all of it was sent. */
function sendAll(origin: string, fields: readonly string[]): Promise<string> {
  const { port, hostname } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.setEncoding('latin1').on('data', (piece) => {
      text += piece;
      if (text.includes('\n\n') || /\r\n\r\n[\s\S]*\}\n$/.test(text)) socket.end();
    });
    socket.once('error', reject).once('close', () => resolve(text));
    socket.pause();
    socket.write([`POST /v1_1/demo/raw/upload HTTP/1.1`, 'Host: h', ...fields, '', ''].join('\r\n'));
    socket.write('--b\r\nContent-Disposition: form-data; name="upload_preset"\r\n\r\nunknown\r\n');
    socket.write('--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n');
    socket.write(Buffer.alloc(bodyBytes, 'x'), () => socket.resume());
  });
}

describe('a refusal', () => {
  let scene: HostileScene;
  before(async () => {
    scene = await startServe();
  });
  after(() => scene.end());

  for (const connection of ['close', 'keep-alive']) {
    for (const expect of [[], ['Expect: 100-continue']]) {
      it(`reaches a client that goes on sending: Connection: ${connection} ${expect}`, async () => {
        const fields = [
          ...['Content-Type: multipart/form-data; boundary=b', `Content-Length: ${2 * bodyBytes}`],
          ...[`Connection: ${connection}`, ...expect],
        ];
        const responses = await Promise.all(Array.from({ length: 10 }, () => sendAll(scene.origin, fields)));
        for (const text of responses)
          assert.match(text, /HTTP\/1\.1 400 [\s\S]*The parameters have more than 65536 bytes/);
      });
    }
  }
});
