import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { imgproxy } from '@safelight/express';
import { variantOf, wants } from '@safelight/http';
import {
  formatCacheStatus,
  parseCacheStatus,
  parseServerTiming,
  readHttpDate,
  readRetryAfter,
} from '@safelight/protocol';
import { responseHeadOf } from '../../packages/express/src/cache/handler-result.ts';
import { shortened } from '../../packages/express/src/guard/error-fields.ts';
import { besideApplication } from '../../packages/http/src/application-headers.ts';
import { targetOrigin } from '../../packages/http/src/exchange.ts';
import { formatBucket } from '../../packages/http/src/format-bucket.ts';
import { privateCacheControl, targetedNames } from '../../packages/http/src/private-headers.ts';
import { readCacheDirectives } from '../../packages/http/src/reuse/cache-directives.ts';
import { errorReuse } from '../../packages/http/src/reuse/error-reuse.ts';
import { createFreshnessOf } from '../../packages/http/src/reuse/freshness.ts';
import { freshenedHead } from '../../packages/http/src/reuse/revalidation.ts';
import { storedHeaders } from '../../packages/http/src/reuse/stored-headers.ts';
import { targetedDirectives } from '../../packages/http/src/reuse/targeted-directives.ts';
import { selectRanges } from '../../packages/http/src/serve/byte-ranges.ts';
import { listsTag, listsTagStrongly } from '../../packages/http/src/serve/entity-tags.ts';
import { holdsIfRange } from '../../packages/http/src/serve/preconditions.ts';
import { headerText } from '../../packages/protocol/src/header-text.ts';
import { formatServerTiming } from '../../packages/protocol/src/server-timing.ts';

const now = Date.UTC(2026, 10, 3);
const times = { requestedAt: now, respondedAt: now };
const freshnessOf = createFreshnessOf();
const freshnessWith = (headers: Record<string, string>) => freshnessOf({}, { status: 200, headers }, times);
const cached = { status: 200, headers: { etag: '"a"' } };
const validators = { etag: '"a"', lastModifiedAt: now - 60_000 };

interface FieldReader {
  readonly read: (text: string) => unknown;
  /** Beginnings of valid fields, so that the reader gets past its first step. */
  readonly heads: readonly string[];
}

/** Every function that reads a field which a client, a handler or another server has written. */
const readers: Readonly<Record<string, FieldReader>> = {
  'Cache-Control': {
    read: (text) => readCacheDirectives({ 'cache-control': text }),
    heads: ['max-age=', 'private="', 'max-age'],
  },
  'CDN-Cache-Control': {
    read: (text) => targetedDirectives({ headers: { a: text } }, ['a']),
    heads: ['max-age=', 'private=(', 'private="', 'a;', 'a, '],
  },
  Pragma: { read: (pragma) => readCacheDirectives({ pragma }), heads: ['no-cach'] },
  'Cache-Control beside a cookie': { read: privateCacheControl, heads: ['private="', 'public'] },
  'Cache-Control of an error': { read: (text) => shortened(text, 60), heads: ['max-age', 'max-age=', 's-maxage="1'] },
  'Vary, for a long Accept': {
    read: (vary) => variantOf({ accept: 'a, '.repeat(vary.length / 3) }, { headers: { vary } }),
    heads: ['accept,', 'Accept'],
  },
  'Vary of an error': {
    read: (vary) => errorReuse({ accept: 'a, '.repeat(vary.length / 3) }, { vary }, { now }),
    heads: ['accept,', 'sec-ch-'],
  },
  'Vary of the application': {
    read: (vary) => besideApplication({ names: ['vary'], vary, hasCookie: false }, { Vary: vary }),
    heads: ['Origin', 'Accept,'],
  },
  'Accept, for Vary': {
    read: (accept) => variantOf({ accept }, { headers: { vary: 'Accept' } }),
    heads: ['image/avif;', 'image/avif;q=0.'],
  },
  'Accept, for a format': { read: formatBucket, heads: ['image/webp', 'image/webp;q=0', 'image/webp;q=0.'] },
  'Accept, for an error': {
    read: (accept) => wants({ headers: { accept } } as IncomingMessage),
    heads: ['image/', 'application/jso'],
  },
  Connection: { read: (connection) => storedHeaders({ status: 200, headers: { connection } }, now), heads: ['a,'] },
  Age: { read: (age) => freshnessWith({ age }), heads: ['1', '1 '] },
  Expires: { read: (expires) => freshnessWith({ expires }), heads: ['Sun, 06 Nov 1994'] },
  Date: { read: (date) => freshnessWith({ date }), heads: ['Sun, '] },
  'an HTTP date': { read: (text) => readHttpDate(text, now), heads: ['Sun Nov  6 08:49:37 1994', 'Sun, 06 Nov 1994 '] },
  'Retry-After': { read: (text) => readRetryAfter(text, now), heads: ['1', 'Sun, '] },
  ETag: { read: (etag) => freshenedHead(cached, { status: 304, headers: { etag } }, now), heads: ['W/"', '"a'] },
  'If-None-Match': { read: (text) => listsTag(text, '"a"'), heads: ['W/"a', '"b", '] },
  'If-Match': { read: (text) => listsTagStrongly(text, '"a"'), heads: ['W/"a', '"b", '] },
  'If-Range': { read: (text) => holdsIfRange(text, validators, () => now), heads: ['"a', 'Sun, '] },
  Range: { read: (text) => selectRanges(text, 1000), heads: ['bytes=', 'bytes=0-', 'bytes=-', 'bytes=0-1,'] },
  'Cache-Status': { read: parseCacheStatus, heads: ['a; hit', 'a; b="', 'a; b=:', 'a, '] },
  'Cache-Status, written': { read: (detail) => formatCacheStatus({ cache: 'a', detail }), heads: ['a'] },
  'Server-Timing': { read: parseServerTiming, heads: ['a;dur=', 'a;desc="', 'a'] },
  'Server-Timing, written': { read: (desc) => formatServerTiming([{ name: desc, desc }]), heads: ['a'] },
  'text for a field': { read: (text) => headerText(text, 1_000_000), heads: ['a'] },
  'a request target': { read: targetOrigin, heads: ['http', 'http://'] },
  'the name of a field': { read: (name) => targetedNames({ [name]: '' }), heads: ['cdn-', 'a-cdn-cache-control'] },
};

const units = [
  ...[' ', '\t', ',', ';', '=', '"', '\\', '-', '/', '*', '.', ':', '0', '1', 'a', 'A', '\u00e9'],
  ...[', ', ' ,', '; ', ' =', '= ', '""', '",', '"\\', '\\"', 'W/', 'W/"', '"a",', '1-', '-1', '0-1,', ' 0'],
  ...['a,', 'a=', 'a;', 'a ', 'a="', 'a="b",', ';a', ';a=1', 'q=0', 'accept,', 'accept ,', 'image/webp', 'image/webp '],
  ...['max-age ', 'max-age=', 'max-age=1 ', 'max-age=1,', 'private=', 'cdn-', '0123456789', 'Sun, ', 'http://'],
];
const tails = ['', ';', '"', '\\', ' x'];
const characters = 32_768;
/** At this length, work that grows with the square of the length takes about a second or more. */
const limitMs = 100;

function* hostile(heads: readonly string[]): Generator<string> {
  for (const head of ['', ...heads]) {
    for (const unit of units) {
      const repeated = head + unit.repeat(characters / unit.length);
      for (const tail of tails) yield repeated + tail;
    }
  }
}

function durationMs(work: () => unknown): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

/** A slow run is repeated: another process, or the garbage collector, may have stopped it. */
function isFast(work: () => unknown): boolean {
  const firstMs = durationMs(work);
  return firstMs < limitMs || (firstMs < 5 * limitMs && (durationMs(work) < limitMs || durationMs(work) < limitMs));
}

describe(`reading a field of ${characters} characters takes less than ${limitMs} ms`, () => {
  for (const [name, { read, heads }] of Object.entries(readers)) {
    it(name, function () {
      this.timeout(60_000);
      for (const text of hostile(heads)) {
        const shape = `${JSON.stringify(text.slice(0, 40))}… ${JSON.stringify(text.slice(-10))}`;
        assert.ok(
          isFast(() => read(text)),
          shape,
        );
      }
    });
  }

  it('as many lines of one field', () => {
    const headers = Array.from({ length: characters }, () => ['a', 'b'] as const);
    assert.ok(isFast(() => responseHeadOf({ status: 200, reason: 'OK', headers })));
  });

  it('a signed source in a URL of imgproxy', () => {
    const { asset } = imgproxy();
    for (const tail of ['', 'x']) {
      const req = { url: `/unsafe/${'='.repeat(characters)}${tail}`, headers: {} } as IncomingMessage;
      assert.ok(
        isFast(() => asset?.(req)),
        tail,
      );
    }
  });
});
