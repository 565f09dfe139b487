import assert from 'node:assert/strict';
import { byteCounter } from '../src/upload/send-part.ts';

describe('byteCounter', () => {
  const { Request } = globalThis;
  afterEach(() => Object.assign(globalThis, { Request }));

  it('counts bytes while the body is read, where requests stream their bodies', () => {
    assert.equal(byteCounter(true, false), 'stream');
  });

  it('counts nothing where requests do not, as in Bun and Deno: a count of 0 would look like a lost connection', () => {
    Object.assign(globalThis, { Request: class {} });
    assert.equal(byteCounter(true, false), undefined);
  });
});
