/** Returns the value of a query parameter; `undefined` when it is absent, empty or repeated. */
export function onlyValue(url: string | undefined, parameter: string): string | undefined {
  const at = url?.indexOf('?') ?? -1;
  const [value, ...more] = at === -1 ? [] : new URLSearchParams(url?.slice(at)).getAll(parameter);
  return more.length > 0 || value === '' ? undefined : value;
}
