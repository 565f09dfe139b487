import { Transform, type TransformCallback } from 'node:stream';

export interface WireHead {
  readonly status: number;
  readonly reason: string;
  /** Header lines in the order in which they were written, with the spelling of their names. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

const endOfHead = Buffer.from('\r\n\r\n');
const maxHeadBytes = 1_048_576;

/**
 * Replaces the socket of a response and parses the bytes that Node writes to it: the head becomes an event, and the
 * body can be read from this stream. So Node itself implements encodings, callbacks, backpressure and the order of
 * events.
 * @fires head - once, with a `WireHead`
 */
export class WireReader extends Transform {
  #head: Buffer | undefined = Buffer.alloc(0);

  override _transform(piece: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#head !== undefined) this.#readHead(Buffer.concat([this.#head, piece]), done);
    else done(null, piece);
  }

  #readHead(text: Buffer, done: TransformCallback): void {
    const end = text.indexOf(endOfHead);
    if (end === -1) {
      this.#head = text;
      if (text.length <= maxHeadBytes) done();
      else done(new Error(`The handler's response head is larger than ${maxHeadBytes} bytes.`));
      return;
    }
    this.#head = undefined;
    this.emit('head', readHead(text.toString('latin1', 0, end)));
    const rest = text.subarray(end + endOfHead.length);
    if (rest.length === 0) done();
    else done(null, rest);
  }

  // Handlers and Node call these functions of a socket. They have no effect here.
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

function readHead(text: string): WireHead {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const [, status = '', reason = ''] = /^HTTP\/1\.1 (\d{3}) ?(.*)$/.exec(statusLine) ?? [];
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  return { status: Number(status), reason, headers };
}
