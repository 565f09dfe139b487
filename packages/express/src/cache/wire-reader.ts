import { Transform, type TransformCallback } from 'node:stream';

export interface WireHead {
  readonly status: number;
  readonly reason: string;
  /** Names in the spelling and order in which they were written. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

const endOfHead = Buffer.from('\r\n\r\n');
const maxHeadBytes = 1_048_576;

/**
 * Takes the place of a response's socket and parses what Node writes to it: the head is an event, and the body can be
 * read from this stream. Node itself does encodings, callbacks, back-pressure and the order of events.
 * @fires head - once
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
      else done(new Error(`The head is larger than ${maxHeadBytes} bytes.`));
      return;
    }
    this.#head = undefined;
    this.emit('head', readHead(text.toString('latin1', 0, end)));
    const rest = text.subarray(end + endOfHead.length);
    if (rest.length === 0) done();
    else done(null, rest);
  }

  // Functions of a socket that handlers and Node call; they do nothing here.
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
