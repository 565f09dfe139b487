import type { BodyLimits } from './body-limits.ts';
import type { BodyReader } from './body-reader.ts';
import { fieldsOf } from './json-fields.ts';

/** A body that an earlier body parser has read, such as `express.json()`. */
export function parsedBody(body: object, limits: BodyLimits): BodyReader {
  const { file, ...others } = body as Readonly<Record<string, unknown>>;
  const hasText = typeof file === 'string' && file !== '';
  const fields = fieldsOf(Array.isArray(body) ? body : hasText ? others : body, limits);
  let isRead = !hasText;
  return {
    fields: () => fields,
    async nextFile() {
      if (isRead) return undefined;
      isRead = true;
      const content = (async function* once() {
        yield Buffer.from(file as string);
      })();
      return { isText: true, filename: undefined, mediaType: undefined, content };
    },
  };
}
