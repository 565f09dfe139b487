import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type LetFinishLimits, letFinish } from '../../src/upload-api/let-finish.ts';

const bodyBytes = 1_000;
const limits = { idleMs: 150, totalMs: 700 };

/** Sends a piece of a body every `everyMs` to a server that has already responded. */
async function send(
  everyMs: number,
  pieceBytes: number,
  more: LetFinishLimits = {},
): Promise<{ readonly sentBytes: number; readonly isReset: boolean }> {
  const server = createServer((req, res) => {
    res.writeHead(413).end('too large');
    void letFinish(req, { ...limits, ...more });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let isReset = false;
  let sentBytes = 0;
  socket.on('error', () => undefined);
  socket.on('close', () => {
    isReset = sentBytes < bodyBytes;
  });
  socket.resume();
  socket.write(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${bodyBytes}\r\n\r\n`);
  const timer = setInterval(() => {
    if (sentBytes < bodyBytes && !socket.destroyed) {
      socket.write('x'.repeat(pieceBytes));
      sentBytes += pieceBytes;
    } else socket.end();
  }, everyMs);
  await once(socket, 'close');
  clearInterval(timer);
  server.close();
  return { sentBytes, isReset };
}

describe('a client that goes on sending after the response', () => {
  it('may send its whole body while bytes arrive', async () => {
    assert.deepEqual(await send(50, 100), { sentBytes: bodyBytes, isReset: false });
  });

  it('is disconnected when no byte arrives for a time', async () => {
    const { isReset, sentBytes } = await send(400, 100);
    assert.ok(isReset && sentBytes <= 100, `${sentBytes} B`);
  });

  it('is disconnected when it takes too long', async () => {
    const { isReset, sentBytes } = await send(60, 10);
    assert.ok(isReset && sentBytes < 200, `${sentBytes} B`);
  });

  it('is not read any more when it sends too much, and then disconnected', async () => {
    const { isReset, sentBytes } = await send(20, 10, { maxBytes: 50, totalMs: 60_000 });
    assert.ok(isReset && sentBytes > 50 && sentBytes < 500, `${sentBytes} B`);
  });
});
