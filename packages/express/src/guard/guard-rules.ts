import { type LivesOptions, livesRules } from '@safelight/http';
import { anyValue, checkValue, functionValue, type OptionRule, optionsValue } from '@safelight/protocol';

const keepOptions = optionsValue<LivesOptions>(livesRules);

const keepRule: OptionRule = {
  expected: 'true, false, or an object of options, such as { silentFreshMs: 60_000 }',
  faultOf: (value) => (typeof value === 'boolean' ? undefined : keepOptions.faultOf(value)),
  check: (where, value) => {
    if (typeof value !== 'boolean') keepOptions.check?.(where, value);
  },
};

/** The options of `guard()` and `middleware()`. */
export const guardRules: Readonly<
  Record<'asset' | 'derivation' | 'private' | 'isMissingOriginal' | 'keep' | 'early', OptionRule>
> = {
  asset: functionValue('(req) => req.params.id'),
  derivation: functionValue('(req) => req.url'),
  private: functionValue('(req) => req.headers.cookie !== undefined'),
  isMissingOriginal: functionValue('({ status }) => status === 404'),
  keep: keepRule,
  early: anyValue,
};

const handlerRule: OptionRule = {
  ...functionValue('express.static'),
  expected: 'a function (req, res, next), as in guard(handler, options)',
};

/**
 * @param where - `guard()` or `middleware()`
 * @throws {TypeError} when the handler is not a function
 */
export function checkHandler(where: string, handler: unknown): void {
  checkValue(`${where}: the handler`, handler, handlerRule);
}
