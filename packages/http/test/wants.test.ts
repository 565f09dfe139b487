import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { wants } from '@safelight/http';

const rows: readonly (readonly [headers: IncomingHttpHeaders, kind: string])[] = [
  [{}, 'text'],
  [{ accept: '*/*' }, 'text'],
  [{ accept: 'text/html,application/xhtml+xml,image/avif' }, 'text'],
  [{ accept: 'application/json' }, 'json'],
  [{ accept: 'application/problem+JSON, */*' }, 'json'],
  [{ accept: 'application/json', 'sec-fetch-dest': 'image' }, 'json'],
  [{ accept: 'application/jsonp' }, 'text'],
  [{ accept: 'image/avif,image/webp,*/*;q=0.8' }, 'media'],
  [{ accept: '*/*', 'sec-fetch-dest': 'image' }, 'media'],
  [{ 'sec-fetch-dest': 'video' }, 'media'],
  [{ 'sec-fetch-dest': 'audio' }, 'media'],
  [{ 'sec-fetch-dest': 'track' }, 'media'],
  [{ 'sec-fetch-dest': 'document' }, 'text'],
];

describe('wants', () => {
  for (const [headers, kind] of rows) {
    it(`${JSON.stringify(headers)}: ${kind}`, () => assert.equal(wants({ headers } as IncomingMessage), kind));
  }
});
