import type { BodyLimits } from './body-limits.ts';
import type { BodyFile, BodyReader } from './body-reader.ts';
import { ByteSource } from './byte-source.ts';
import { createFieldCollector, tooLong } from './field-collector.ts';
import { percentDecoded } from './percent-decoded.ts';

const ampersand = Buffer.from('&');
const equals = '='.charCodeAt(0);
const fileName = Buffer.from('file=');

/** Reads an application/x-www-form-urlencoded body (the URL Standard, section 5.1). */
export function urlencodedBody(bytes: AsyncIterable<Uint8Array>, limits: BodyLimits): BodyReader {
  const source = new ByteSource(bytes);
  const collector = createFieldCollector(limits);
  let open: AsyncGenerator<Buffer, boolean> | undefined;

  /** Whether the next pair is the file. Its name is read then. */
  async function beginsFile(): Promise<boolean> {
    const begin = await source.peek(fileName.length);
    if (!begin.subarray(0, fileName.length).equals(fileName)) return false;
    source.skip(fileName.length);
    return true;
  }

  return {
    fields: collector.fields,
    async nextFile(): Promise<BodyFile | undefined> {
      for (let next = await open?.next(); next?.done === false; next = await open?.next());
      for (;;) {
        if (await beginsFile()) {
          open = source.until(ampersand);
          const content = percentDecoded(open, { isForm: true });
          return { isText: true, filename: undefined, mediaType: undefined, content };
        }
        collector.count();
        const tooLongPair = () => tooLong(limits.maxFieldBytes);
        // Each byte may be an escape of three bytes.
        const { bytes: pair, isFound } = await source.allUntil(ampersand, 3 * collector.bytesLeft(), tooLongPair);
        if (pair.length > 0) collector.add(...(await decodedPair(pair)));
        if (!isFound) return undefined;
      }
    },
  };
}

async function decodedPair(pair: Buffer): Promise<[name: string, value: string]> {
  const at = pair.indexOf(equals);
  const [name, value] = at === -1 ? [pair, undefined] : [pair.subarray(0, at), pair.subarray(at + 1)];
  return [await decodedText(name), value === undefined ? '' : await decodedText(value)];
}

async function decodedText(encoded: Buffer): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of percentDecoded(once(encoded), { isForm: true })) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
