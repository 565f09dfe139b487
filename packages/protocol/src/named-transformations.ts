import { kindOfValue } from './kind-of-value.ts';
import type { NamedTransformation, NamedTransformations } from './named-transformation.ts';
import { readSteps } from './read-steps.ts';

/** Accepts every name, for a check that does not know the names. */
export const anyName: Pick<NamedTransformations, 'get'> = {
  get: () => ({ text: '', steps: [], placeholder: undefined }),
};

const maxNames = 1000;
const maxTextLength = 2048;
const namePattern = /^[A-Za-z0-9_:-]{1,100}$/;

/**
 * Reads named transformations. A text may contain other names (`t_other`), in any order, without a cycle. Each name has
 * at most 32 steps, with those of the names in it.
 *
 * @param texts - the texts by name, such as `{ thumb: 'c_fill,h_100,w_100' }`
 * @param where - the option, for messages
 * @throws {TypeError} when a name or a text is wrong; the message names it
 * @example
 * const named = readNamedTransformations({ small: 'w_100', card: 't_small/r_8' });
 * parseTransformation('t_card', { named }); // the steps of w_100/r_8
 */
export function readNamedTransformations(
  texts: Readonly<Record<string, string>>,
  where = 'transformations',
): NamedTransformations {
  const given = new Map(Object.entries(texts));
  if (given.size > maxNames) throw new TypeError(`${where} has ${given.size} names; at most ${maxNames} are allowed.`);
  const named = new Map<string, NamedTransformation>();
  const path: string[] = [];

  function read(name: string): NamedTransformation | undefined {
    const known = named.get(name);
    const text = given.get(name);
    if (known !== undefined || text === undefined) return known;
    if (path.includes(name)) {
      throw new TypeError(
        `${where}.${name} contains itself: ${[...path.slice(path.indexOf(name)), name].join(' -> ')}.`,
      );
    }
    check(name, text);
    path.push(name);
    const parsed = readSteps(text, read);
    path.pop();
    if (!parsed.ok) throw new TypeError(`${where}.${name} cannot be used. ${parsed.message}.`);
    const { steps, placeholder } = parsed;
    const transformation = { text, steps, placeholder };
    named.set(name, transformation);
    return transformation;
  }

  function check(name: string, text: unknown): void {
    if (!namePattern.test(name)) {
      const expected = 'Use 1 to 100 letters, digits, "_", "-" and ":".';
      throw new TypeError(`${where} has the name ${JSON.stringify(name)}. ${expected}`);
    }
    if (typeof text !== 'string' || text === '') {
      throw new TypeError(`${where}.${name} is ${kindOfValue(text)}; it must be a text such as 'c_fill,h_100,w_100'.`);
    }
    if (text.length > maxTextLength) {
      throw new TypeError(`${where}.${name} has ${text.length} characters; at most ${maxTextLength} are allowed.`);
    }
  }

  for (const name of given.keys()) read(name);
  // In the order in which they were given.
  return new Map([...given.keys()].map((name) => [name, named.get(name) as NamedTransformation]));
}
