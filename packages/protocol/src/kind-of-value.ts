/**
 * Names the kind of a value, for an error message. Never shows a string, which may be a secret such as the URL of a
 * database.
 *
 * @example
 * kindOfValue({}); // 'an object'
 */
export function kindOfValue(value: unknown): string {
  if (value instanceof Promise) return 'a promise (await it first)';
  if (Array.isArray(value)) return 'an array';
  switch (typeof value) {
    case 'object':
      return value === null ? 'null' : 'an object';
    case 'string':
      return value === '' ? 'an empty string' : 'a string';
    case 'function':
    case 'symbol':
      return `a ${typeof value}`;
    default:
      return String(value);
  }
}
