import { backoffRule } from '@safelight/core';
import {
  checkOptions,
  choiceValue,
  functionValue,
  kindOfValue,
  type OptionRule,
  required,
  textValue,
  wholeValue,
} from '@safelight/protocol';
import type { ServeOptions } from './serve-options.ts';

const optionalText = textValue('a string that is not empty, or undefined');

const namesRule: OptionRule = {
  expected: "a list of names, such as ['browser']",
  faultOf(value) {
    if (!Array.isArray(value)) return kindOfValue(value);
    const wrong = value.findIndex((name) => typeof name !== 'string' || name === '');
    return wrong === -1 ? undefined : `a list with ${kindOfValue(value[wrong])} in it`;
  },
};

/** `cloud()` checks its members. */
const remoteFilesRule: OptionRule = {
  expected: "an object with a list of hosts, such as { hosts: ['img.example.org'] }, or undefined",
  faultOf: (value) => (typeof value === 'object' && value !== null ? undefined : kindOfValue(value)),
};

const rules: { readonly [Name in keyof ServeOptions]-?: OptionRule } = {
  port: required({
    ...wholeValue({ min: 0, max: 65_535 }),
    expected: 'a whole number from 0 (any free port) to 65535',
  }),
  host: required(textValue("an address, such as '127.0.0.1'")),
  data: required(textValue("the path of a folder, such as 'data'")),
  originals: optionalText,
  derivatives: optionalText,
  s3Endpoint: optionalText,
  cacheMegabytes: required({
    ...wholeValue({ min: 0, max: 999_999_999 }),
    expected: 'a whole number from 0 (cache nothing) to 999999999',
  }),
  index: required(choiceValue(['embedded', 'none'])),
  keepVersions: required({
    ...wholeValue({ min: 0, max: 9999 }),
    expected: 'a whole number from 0 (only the current version) to 9999',
  }),
  cloud: required(textValue("a name, such as 'demo'")),
  apiKey: optionalText,
  apiSecret: optionalText,
  uploadPresets: required(namesRule),
  remoteFiles: remoteFilesRule,
  deliveryOrigin: optionalText,
  trustProxy: optionalText,
  store: optionalText,
  placeholder: required(textValue("'drawn', 'none' or the path of an image file")),
  transformations: optionalText,
  backoff: required(backoffRule),
  say: required(functionValue('console.log')),
};

/**
 * Checks the names and types of the options. Each part of the server checks the values of its own options.
 * @throws {TypeError} with the option and the expected value. The message never repeats a text, which could be a
 *   secret.
 * @throws {RangeError} with such a message, when a number is out of range
 */
export function checkServeOptions(options: ServeOptions): void {
  checkOptions<ServeOptions>('serve()', options, rules);
  if ((options.apiKey === undefined) !== (options.apiSecret === undefined)) {
    throw new TypeError('serve() takes apiKey and apiSecret together: give both, or neither.');
  }
}
