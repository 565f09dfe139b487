import { bad, good, type Reading } from './parameter-reading.ts';

const maxNames = 8;

/** Reads the names of `t_`, joined by `.`. */
export function readNames(text: string): Reading<readonly string[]> {
  const names = text.split('.');
  const isValid = names.length <= maxNames && names.every((name) => /^[A-Za-z0-9_:-]{1,100}$/.test(name));
  return isValid ? good(names) : bad;
}
