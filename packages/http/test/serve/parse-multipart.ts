import assert from 'node:assert/strict';

export interface Part {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
}

/** Reads a multipart/byteranges body strictly (RFC 2046 section 5.1), without preamble and epilogue. */
export function parseMultipart(contentType: string, body: Buffer): Part[] {
  const boundary = /^multipart\/byteranges; boundary=([0-9a-zA-Z]{1,70})$/.exec(contentType)?.[1];
  assert.ok(boundary !== undefined, contentType);
  const parts: Part[] = [];
  const opening = `--${boundary}\r\n`;
  assert.equal(body.toString('latin1', 0, opening.length), opening);
  for (let at = opening.length; ; ) {
    const endOfHead = body.indexOf('\r\n\r\n', at);
    const lines = body.toString('latin1', at, endOfHead).split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => [line.split(': ')[0]?.toLowerCase(), line.split(': ')[1]]));
    const end = body.indexOf(`\r\n--${boundary}`, endOfHead + 4);
    assert.ok(endOfHead > 0 && end > 0, 'the part has no end');
    parts.push({ headers, bytes: body.subarray(endOfHead + 4, end) });
    at = end + 2 + 2 + boundary.length;
    if (body.toString('latin1', at, at + 2) === '\r\n') {
      at += 2;
      continue;
    }
    assert.equal(body.toString('latin1', at), '--\r\n');
    return parts;
  }
}
