import { type FreshnessOptions, freshnessRules } from '@safelight/http';
import { anyValue, checkValue, functionValue, type OptionRule, optionsValue } from '@safelight/protocol';

const cacheOptions = optionsValue<FreshnessOptions>(freshnessRules);

const cacheRule: OptionRule = {
  expected: 'true, false, or an object of options, such as { silentFreshMs: 60_000 }',
  faultOf: (value) => (typeof value === 'boolean' ? undefined : cacheOptions.faultOf(value)),
  check: (where, value) => {
    if (typeof value !== 'boolean') cacheOptions.check?.(where, value);
  },
};

/** The rules for the options of `guard()` and `middleware()`. */
export const guardRules: Readonly<
  Record<'asset' | 'derivation' | 'isPrivate' | 'isMissingOriginal' | 'cache' | 'early', OptionRule>
> = {
  asset: functionValue('(req) => req.params.id'),
  derivation: functionValue('(req) => req.url'),
  isPrivate: functionValue('(req) => req.headers.cookie !== undefined'),
  isMissingOriginal: functionValue('({ status }) => status === 404'),
  cache: cacheRule,
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
