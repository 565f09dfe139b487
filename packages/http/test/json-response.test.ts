import assert from 'node:assert/strict';
import { jsonResponse, openToAll, preflightResponse } from '../src/json-response.ts';

describe('json response', () => {
  it('is one line with its length in bytes, and no cache may store it', () => {
    const { status, headers, body } = jsonResponse(
      400,
      { error: { message: 'Größe' } },
      { headers: { 'Retry-After': 2 } },
    );
    assert.equal(status, 400);
    assert.equal(body, '{"error":{"message":"Größe"}}\n');
    assert.deepEqual(headers, {
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Retry-After': 2,
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': 32,
    });
  });

  it('a preflight allows methods and headers, and has no body', () => {
    const { status, headers, body } = preflightResponse({
      methods: ['GET', 'OPTIONS'],
      requestHeaders: ['Authorization', 'Accept'],
      headers: openToAll(['Retry-After', 'X-Request-Id']),
    });
    assert.deepEqual([status, body], [204, undefined]);
    assert.deepEqual(headers, {
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Expose-Headers': 'Retry-After, X-Request-Id',
      'Access-Control-Allow-Methods': 'GET, OPTIONS',
      'Access-Control-Allow-Headers': 'Authorization, Accept',
      'Access-Control-Max-Age': '7200',
    });
  });
});
