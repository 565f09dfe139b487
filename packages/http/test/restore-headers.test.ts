import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { restoreHeaders } from '@safelight/http';

describe('restoreHeaders()', () => {
  it('removes added fields, takes changed values back, and keeps the spelling of the others', () => {
    const res = new ServerResponse(new IncomingMessage(new Socket()));
    res.setHeader('X-Kept', ['1', '2']).setHeader('x-changed', 'before').setHeader('X-Removed', '3');
    const before = res.getHeaders();
    res.setHeader('X-Changed', 'after').setHeader('Cache-Control', 'max-age=60').removeHeader('X-Removed');
    restoreHeaders(res, before);
    assert.deepEqual({ ...res.getHeaders() }, { 'x-kept': ['1', '2'], 'x-changed': 'before', 'x-removed': '3' });
    assert.ok((res as unknown as { getRawHeaderNames(): string[] }).getRawHeaderNames().includes('X-Kept'));
  });
});
