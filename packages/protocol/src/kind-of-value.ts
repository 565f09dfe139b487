/**
 * Names a value in an error message. Text is never shown: it may be a secret, such as the URL of a database.
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
