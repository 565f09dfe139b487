/** Any value that survives `JSON.parse(JSON.stringify(value))`. */
export type StoredValue = string | object;
