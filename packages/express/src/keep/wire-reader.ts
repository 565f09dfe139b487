import { Transform, type TransformCallback } from 'node:stream';

export interface WireHead {
  readonly status: number;
  readonly reason: string;
  /** Names as they were written, in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const MOST_HEAD_BYTES = 1_048_576;

/**
 * Stands where a response's connection would be and takes what Node writes for it: heads are told, and what follows the
 * final one can be read here. Node itself sees to encodings, callbacks, back-pressure and the order of events.
 * @fires head - the final one, once
 * @fires information - one of 1xx
 */
export class WireReader extends Transform {
  #head: Buffer | undefined = Buffer.alloc(0);

  override _transform(piece: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#head === undefined) return done(null, piece);
    let rest = this.#head.length === 0 ? piece : Buffer.concat([this.#head, piece]);
    for (;;) {
      const end = rest.indexOf(END_OF_HEAD);
      if (end === -1) break;
      const head = readHead(rest.toString('latin1', 0, end));
      rest = rest.subarray(end + END_OF_HEAD.length);
      if (head.status >= 200) {
        this.#head = undefined;
        this.emit('head', head);
        return rest.length === 0 ? done() : done(null, rest);
      }
      this.emit('information', head);
    }
    if (rest.length > MOST_HEAD_BYTES) return done(new Error(`The head is larger than ${MOST_HEAD_BYTES} bytes.`));
    this.#head = rest;
    done();
  }

  // What handlers and Node ask of a socket, and what means nothing here.
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
