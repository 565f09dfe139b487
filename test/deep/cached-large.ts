import assert from 'node:assert/strict';
import { largeRange } from './large-bytes.ts';
import { largeLength } from './large-server.ts';
import { readLarge } from './read-large.ts';

/** Resolves when the derivative is cached. Only the timeout of the test ends the wait otherwise. */
export async function untilCached(url: string): Promise<void> {
  for (;;) {
    // A HEAD would begin a run of its own.
    const { headers } = await readLarge(url, { headers: { range: 'bytes=0-0' }, leaveAfter: 1 });
    if (/hit/.test(headers['cache-status'] ?? '')) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Requests the bytes from `start` to before `end`, and checks that the response has exactly these. */
export async function assertRange(
  url: string,
  [start, end]: readonly [number, number],
  { range = `bytes=${start}-${end - 1}`, ...headers }: Readonly<Record<string, string>> = {},
): Promise<void> {
  const response = await fetch(url, { headers: { ...headers, range } });
  const body = Buffer.from(await response.arrayBuffer());
  assert.equal(response.status, 206);
  assert.equal(response.headers.get('content-range'), `bytes ${start}-${end - 1}/${largeLength}`);
  assert.ok(body.equals(largeRange(start, end)), `wrong bytes from ${start} to ${end}`);
}
