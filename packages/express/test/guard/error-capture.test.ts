import assert from 'node:assert/strict';
import { ErrorCapture } from '../../src/guard/error-capture.ts';

describe('the capture of an error', () => {
  it('copies what the handler writes, in each form', async () => {
    const capture = new ErrorCapture({ status: 404, headers: {}, negotiated: {} });
    const bytes = Buffer.from('cat');
    capture.add(bytes, undefined);
    bytes.fill(0);
    capture.add('63', 'hex');
    capture.end();
    assert.equal((await capture.captured)?.body.toString(), 'catc');
  });
});
