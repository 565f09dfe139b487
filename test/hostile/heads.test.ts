import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type HostileScene, startServe, watchDelay } from './serve.ts';

const kB = 1_000;

/** Request heads that are as large as Node accepts, in fields that the server reads. */
const fields: Readonly<Record<string, string>> = {
  Range: `bytes=${'0-0,'.repeat(3_500)}1-1`,
  'If-None-Match': '"a",'.repeat(3_500),
  'If-Modified-Since': 'Mon, 01 Jan 2024 00:00:00 GMT'.repeat(400),
  Accept: 'image/avif;q=0.1,'.repeat(800),
  'Accept-Encoding': 'gzip;q=0.1,'.repeat(1_200),
  'Cache-Control': `max-age="${'\\"'.repeat(6_500)}`,
  Cookie: 'a=b; '.repeat(2_700),
  Authorization: `Basic ${'A'.repeat(14 * kB)}`,
  'X-Forwarded-For': '1.2.3.4, '.repeat(1_500),
  'Content-Range': `bytes ${'1'.repeat(14 * kB)}-`,
  'Content-Type': `multipart/form-data; boundary=${'"\\'.repeat(6_500)}`,
  Origin: `https://${'a.'.repeat(6_500)}`,
};

const targets: Readonly<Record<string, string>> = {
  'escapes in a public ID': `/demo/image/upload/${'%41'.repeat(4_500)}`,
  'escapes that are not UTF-8': `/demo/image/upload/${'%FF'.repeat(4_500)}`,
  'many steps': `/demo/image/upload/${'w_1,h_1/'.repeat(1_600)}cat.png`,
  'many parameters': `/demo/image/upload/${'w_1,'.repeat(3_500)}h_1/cat.png`,
  'many angles': `/demo/image/upload/a_${'1.'.repeat(6_500)}/cat.png`,
  'many slashes': `/demo/image/upload${'/'.repeat(14 * kB)}cat.png`,
  'many dots': `/demo/image/upload/${'../'.repeat(4_500)}cat.png`,
  'a long signature': `/demo/image/upload/s--${'a'.repeat(14 * kB)}--/cat.png`,
  'a long query': `/demo/image/upload/cat.png?${'a&'.repeat(7_000)}`,
  'why of a long URL': `/_safelight/why?url=${'%2F%2541'.repeat(1_700)}`,
  'an API path of escapes': `/v1_1/demo/${'%2F'.repeat(4_500)}`,
  'an API path of slashes': `/v1_1${'/'.repeat(14 * kB)}demo`,
};

const requests = 40;
const maxHeldMs = 50;
const attempts = 8;

/** Sends a request many times over one connection, and waits for all responses. */
function sendMany(origin: string, head: string): Promise<string> {
  const { port, hostname } = new URL(origin);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.setEncoding('latin1').on('data', (piece) => {
      text += piece;
    });
    socket.on('error', () => undefined).on('close', () => resolve(text));
    const last = head.replace('\r\nHost: h', '\r\nHost: h\r\nConnection: close');
    socket.write(head.repeat(requests - 1) + last);
  });
}

describe('hostile heads', function () {
  this.timeout(60_000);

  let scene: HostileScene;
  before(async () => {
    scene = await startServe();
  });
  after(() => scene.end());

  const heads: Readonly<Record<string, string>> = {
    ...Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [
        `the field ${name}`,
        `GET /demo/image/upload/cat.png HTTP/1.1\r\nHost: h\r\n${name}: ${value}\r\n\r\n`,
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(targets).map(([name, target]) => [name, `GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`]),
    ),
  };
  for (const [name, head] of Object.entries(heads)) {
    it(`${name}: no other request waits for long, and the response is a 4xx`, async () => {
      const held: number[] = [];
      while (held.length < attempts && !held.some((ms) => ms < maxHeldMs)) {
        const delay = await watchDelay(scene.origin);
        const text = await sendMany(scene.origin, head);
        const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
        assert.ok(statuses.length > 0);
        assert.ok(
          statuses.every((status) => status >= 400 && status < 500),
          `${[...new Set(statuses)]}`,
        );
        assert.doesNotMatch(text, /node:|\bat \w+ \(/);
        held.push(await delay());
      }
      assert.ok(Math.min(...held) < maxHeldMs, `the event loop was held for ${held.map(Math.round).join(', ')} ms`);
    });
  }
});
