import type { OutgoingHttpHeaders } from 'node:http';

/** Header fields by their names in lower case. */
export type OwnFields = Readonly<Record<string, string | readonly string[]>>;

/**
 * The fields that a handler itself has set: those of the response and of `writeHead`, without those that had the same
 * value before the handler ran.
 * @param written - the fields given to `writeHead`: an object, pairs, or a flat list
 */
export function ownFields(now: OutgoingHttpHeaders, written: unknown, before: OutgoingHttpHeaders): OwnFields {
  const fields: Record<string, string | readonly string[]> = {};
  for (const [name, value] of [...Object.entries(now), ...entriesOf(written)]) {
    if (value !== undefined && value !== null)
      fields[name.toLowerCase()] = Array.isArray(value) ? value.map(String) : String(value);
  }
  for (const [name, value] of Object.entries(before)) {
    if (fields[name] !== undefined && isSame(fields[name], value)) delete fields[name];
  }
  return fields;
}

/** Reads each form that `writeHead` takes. */
export function entriesOf(headers: unknown): readonly (readonly [name: string, value: unknown])[] {
  if (typeof headers !== 'object' || headers === null) return [];
  if (!Array.isArray(headers)) return Object.entries(headers);
  const flat: readonly unknown[] = headers.flat();
  return Array.from({ length: Math.floor(flat.length / 2) }, (_, i) => [String(flat[2 * i]), flat[2 * i + 1]]);
}

function isSame(a: string | readonly string[], b: OutgoingHttpHeaders[string]): boolean {
  return Array.isArray(b) ? b.join('\n') === [a].flat().join('\n') : typeof a === 'string' && a === String(b);
}
