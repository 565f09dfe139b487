import { nearName } from './near-name.ts';

/**
 * Refuses a value that is not one of a few names.
 *
 * @param where - the function that takes the option, e.g. `sharpHandler()`
 * @param option - the name of the option and its value, e.g. `{ failOn: 'warning' }`
 * @throws {TypeError} with all names and the one that was most likely meant
 */
export function checkChoice(where: string, option: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  for (const [name, value] of Object.entries(option)) {
    if (names.some((known) => known === value)) continue;
    const meant = typeof value === 'string' ? nearName(value, names) : undefined;
    const hint = meant === undefined ? `It takes ${names.join(', ')}.` : `Did you mean ${meant}?`;
    throw new TypeError(`${where} does not take ${JSON.stringify(value)} as ${name}. ${hint}`);
  }
}
