import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { endlessSvg } from '../../../packages/sharp/test/pictures.ts';

/** A hostile client. It goes on until the signal aborts, and ignores how the server responds. */
export type HostileClient = (origin: string, signal: AbortSignal) => Promise<void>;

async function quietly(task: Promise<unknown>): Promise<void> {
  await task.catch(() => undefined);
}

function post(origin: string, contentType: string, body: BodyInit, signal: AbortSignal): Promise<unknown> {
  const headers = { 'content-type': contentType };
  return fetch(`${origin}/v1_1/demo/raw/upload`, { method: 'POST', headers, body, signal }).then((response) =>
    response.text(),
  );
}

/** Opens a connection, sends a beginning, and leaves it open for a time. */
async function stall(origin: string, beginning: string, forMs: number, signal: AbortSignal): Promise<void> {
  const socket: Socket = connect(Number(new URL(origin).port), '127.0.0.1').on('error', () => undefined);
  socket.write(beginning);
  await quietly(wait(forMs, undefined, { signal }));
  socket.destroy();
}

const head =
  'POST /v1_1/demo/raw/upload HTTP/1.1\r\nHost: h\r\nContent-Length: 999999\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n';

/** One client of each kind. */
export const hostileClients: Readonly<Record<string, HostileClient>> = {
  async 'uploads that stall'(origin, signal) {
    while (!signal.aborted) await stall(origin, `${head}--b\r\n`, 5_000, signal);
  },
  async 'parts that stall under one ID'(origin, signal) {
    const part = head.replace(
      'Content-Length',
      'X-Unique-Upload-Id: u\r\nContent-Range: bytes 0-9/20\r\nContent-Length',
    );
    while (!signal.aborted) await stall(origin, part, 5_000, signal);
  },
  async 'large bodies that are no calls'(origin, signal) {
    while (!signal.aborted) {
      await quietly(post(origin, 'application/x-www-form-urlencoded', 'a&'.repeat(2_000_000), signal));
      await quietly(post(origin, 'application/json', '['.repeat(4_000_000), signal));
      await wait(100);
    }
  },
  async 'SVGs that are drawn for minutes'(origin, signal) {
    for (let seed = 0; !signal.aborted; seed += 1) {
      const body = new FormData();
      body.append('upload_preset', 'open');
      body.append('public_id', `endless-${seed}`);
      body.append('file', new Blob([endlessSvg(seed)]), 'x.svg');
      await quietly(fetch(`${origin}/v1_1/demo/image/upload`, { method: 'POST', body, signal }));
      for (let width = 2_900; width < 2_905 && !signal.aborted; width += 1) {
        await quietly(fetch(`${origin}/demo/image/upload/w_${width}/endless-${seed}.png`, { signal }));
      }
    }
  },
  async 'missing pictures in random sizes'(origin, signal) {
    while (!signal.aborted) {
      const size = `w_${1 + Math.floor(Math.random() * 900)},h_${1 + Math.floor(Math.random() * 900)}`;
      const url = `${origin}/demo/image/upload/c_fill,${size},f_avif/missing-${Math.floor(Math.random() * 1e6)}.png`;
      await quietly(fetch(url, { signal }).then((response) => response.arrayBuffer()));
      await wait(20);
    }
  },
  async 'readers that stop'(origin, signal) {
    while (!signal.aborted) {
      await stall(origin, 'GET /demo/image/upload/polite-0.png HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(50), 3_000, signal);
    }
  },
  async 'malformed requests'(origin, signal) {
    while (!signal.aborted) {
      await stall(origin, `GET /demo/image/upload/${'%'.repeat(8_000)} HTTP/1.1\r\nHost: h\r\n\r\n`, 200, signal);
      await stall(origin, 'GET / HTTP/1.1\r\nHost', 200, signal);
    }
  },
};
