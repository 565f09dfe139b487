import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { mock } from 'node:test';
import { createCapturedErrors } from '../../src/guard/captured-errors.ts';
import { ErrorCapture } from '../../src/guard/error-capture.ts';

const request = (headers: IncomingMessage['headers'] = {}) => ({ headers }) as IncomingMessage;
const negotiated = { accept: 'image/avif', 'accept-encoding': null };

function captured(body: string, status = 404): ErrorCapture {
  const capture = new ErrorCapture({ status, headers: { 'x-page': '1' }, negotiated });
  capture.add(body.slice(0, 2), undefined);
  capture.add(Buffer.from(body.slice(2)), undefined);
  capture.end();
  return capture;
}

describe('captured errors', () => {
  it('are found by requests that were negotiated alike, while they are written and later', async () => {
    const errors = createCapturedErrors();
    const capture = captured('no cat');
    errors.put('a', capture, 60_000);
    for (let time = 0; time < 2; time += 1) {
      const found = await errors.find('a', request({ accept: 'IMAGE/avif' }));
      assert.deepEqual([found?.status, found?.headers, found?.body.toString()], [404, { 'x-page': '1' }, 'no cat']);
      assert.equal(await errors.find('a', request({ accept: 'image/webp' })), undefined);
    }
    assert.equal(errors.find('b', request()), undefined);
    assert.equal((await errors.findOf(capture, request({ accept: 'image/avif' })))?.status, 404);
  });

  it('have at most 64 kB, and none that broke off', async () => {
    const errors = createCapturedErrors();
    const broken = new ErrorCapture({ status: 500, headers: {}, negotiated });
    broken.add('half', 'utf8');
    broken.abandon();
    broken.end();
    for (const [id, capture] of Object.entries({ large: captured('x'.repeat(65_537)), broken })) {
      errors.put(id, capture, 60_000);
      assert.equal(await errors.find(id, request({ accept: 'image/avif' })), undefined);
    }
    errors.put('fits', captured('x'.repeat(65_536)), 60_000);
    assert.equal((await errors.find('fits', request({ accept: 'image/avif' })))?.body.length, 65_536);
  });

  it('of which the end does not come are not waited for', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const errors = createCapturedErrors();
      const capture = new ErrorCapture({ status: 404, headers: {}, negotiated });
      capture.add('<h1>', 'utf8');
      errors.put('a', capture, 60_000);
      const found = [errors.find('a', request()), errors.findOf(capture, request())];
      mock.timers.tick(2000);
      assert.deepEqual(await Promise.all(found), [undefined, undefined]);
    } finally {
      mock.timers.reset();
    }
  });

  it('share equal bodies, and are forgotten beyond 8 MB', async () => {
    const errors = createCapturedErrors();
    const id = (i: number) => `e${i}`;
    const found = async (i: number) => (await errors.find(id(i), request({ accept: 'image/avif' }))) !== undefined;
    for (let i = 0; i < 1000; i += 1) errors.put(id(i), captured('y'.repeat(60_000)), 60_000);
    await new Promise(setImmediate);
    assert.deepEqual([await found(0), await found(999)], [true, true]);
    for (let i = 1000; i < 1200; i += 1) errors.put(id(i), captured(`${i}`.padEnd(60_000, 'z')), 60_000);
    await new Promise(setImmediate);
    assert.deepEqual([await found(1000), await found(1199)], [false, true]);
  });
});
