import { type FreshnessOptions, freshnessRules } from '@safelight/http';
import {
  anyValue,
  booleanValue,
  checkValue,
  choiceValue,
  functionValue,
  kindOfValue,
  type OptionRule,
  optionallyHeldStatuses,
  optionsValue,
} from '@safelight/protocol';

const cacheOptions = optionsValue<FreshnessOptions>(freshnessRules);

const cacheRule: OptionRule = {
  expected: 'true, false, or an object of options, such as { silentFreshMs: 60_000 }',
  faultOf: (value) => (typeof value === 'boolean' ? undefined : cacheOptions.faultOf(value)),
  check: (where, value) => {
    if (typeof value !== 'boolean') cacheOptions.check?.(where, value);
  },
};

const holdRule: OptionRule = {
  expected: `'all', or an array of statuses out of ${optionallyHeldStatuses.join(', ')}; the other statuses are always held, or never`,
  faultOf: (value) =>
    value === 'all' ? undefined : listFault(value, (one) => optionallyHeldStatuses.includes(one as number)),
};

const fieldNamesRule: OptionRule = {
  expected: "an array of names of request fields, such as ['cookie']",
  faultOf: (value) => listFault(value, (name) => typeof name === 'string' && /^[!#$%&'*+.^_`|~\w-]+$/.test(name)),
};

/** The first member that cannot work, or the value itself when it is not an array; `undefined` when all is well. */
function listFault(value: unknown, isValid: (member: unknown) => boolean): string | undefined {
  if (!Array.isArray(value)) return kindOfValue(value);
  const index = value.findIndex((member) => !isValid(member));
  if (index === -1) return undefined;
  const wrong: unknown = value[index];
  return `an array with ${typeof wrong === 'string' ? JSON.stringify(wrong) : kindOfValue(wrong)}`;
}

/** The rules for the options of `guard()` and `middleware()`. */
export const guardRules: Readonly<
  Record<
    | 'asset'
    | 'derivation'
    | 'isPrivate'
    | 'isMissingOriginal'
    | 'errors'
    | 'hold'
    | 'vary'
    | 'hosts'
    | 'forward'
    | 'cache'
    | 'freeOnWrite'
    | 'early',
    OptionRule
  >
> = {
  asset: functionValue('(req) => req.params.id'),
  derivation: functionValue('(req) => req.url'),
  isPrivate: functionValue('(req) => req.headers.cookie !== undefined'),
  isMissingOriginal: functionValue('({ status }) => status === 404'),
  errors: choiceValue(['application', 'safelight']),
  hold: holdRule,
  vary: fieldNamesRule,
  hosts: {
    expected: "an array of hosts, such as ['example.org', 'localhost:3000']",
    faultOf: (value) => listFault(value, (host) => typeof host === 'string' && /^[^\s/@]+$/.test(host)),
  },
  forward: fieldNamesRule,
  cache: cacheRule,
  freeOnWrite: booleanValue,
  early: anyValue,
};

const handlerRule: OptionRule = {
  ...functionValue('express.static'),
  expected: 'a function (req, res, next), as in guard(handler, options)',
};

/**
 * @param where - the called function, `guard()` or `middleware()`
 * @throws {TypeError} when the handler is not a function
 */
export function checkHandler(where: string, handler: unknown): void {
  checkValue(`${where}: the handler`, handler, handlerRule);
}
