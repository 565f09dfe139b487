/**
 * Refuses options that are not functions, so that they are noticed before they are called.
 *
 * @param where - the function that takes the options, e.g. `createSafelight()`
 * @param functions - the options by their names
 * @throws {TypeError} naming the first option that is not a function
 */
export function checkFunctions(where: string, functions: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(functions)) {
    if (typeof value === 'function') continue;
    throw new TypeError(`${where} takes a function as ${name}, not ${value === null ? 'null' : typeof value}.`);
  }
}
