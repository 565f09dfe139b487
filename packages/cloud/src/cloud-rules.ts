import type { HandlerLimits } from '@safelight/core';
import {
  anyValue,
  booleanValue,
  choiceValue,
  type DeliveryPathLimits,
  functionValue,
  kindOfValue,
  numberValue,
  type OptionRule,
  optionsValue,
  portValue,
  readNamedTransformations,
  required,
  textValue,
} from '@safelight/protocol';
import { bodyRule } from './upload-api/body/body-limits.ts';
import { incomingRule } from './upload-api/incoming-limits.ts';
import { maxUploadBytesRule, partsRule } from './upload-api/part-limits.ts';
import { presetsRule } from './upload-api/presets-rule.ts';
import { remoteFilesRule } from './upload-api/remote/remote-files-options.ts';

const handlerFunction = functionValue('sharpHandler() of @safelight/sharp');

const handlerRule: OptionRule = {
  ...handlerFunction,
  isRequired: true,
  check(where, handler) {
    const { probe } = handler as { readonly probe?: unknown };
    if (probe === undefined || typeof probe === 'function') return;
    throw new TypeError(
      `${where}.probe is ${kindOfValue(probe)}; it must be a function that reads size and format of a picture.`,
    );
  },
};

/** An empty key or secret would match a request without one. */
const credentialRule = textValue('a string that is not empty; without signed calls, leave it out');

/** The message repeats no text, which could be a secret. */
const otherKeysRule: OptionRule = {
  expected: 'a list of keys with their secrets, such as [{ apiKey, apiSecret }]',
  faultOf: (keys) => (Array.isArray(keys) ? undefined : kindOfValue(keys)),
  check(where, keys) {
    for (const [index, pair] of (keys as readonly unknown[]).entries()) {
      const { apiKey, apiSecret } = Object(pair) as Readonly<Record<string, unknown>>;
      const isPair = [apiKey, apiSecret].every((text) => typeof text === 'string' && text !== '');
      if (!isPair) throw new TypeError(`${where}[${index}] must be { apiKey, apiSecret } with two strings.`);
    }
  },
};

const originsRule: OptionRule = {
  expected: "a list of origins, such as ['https://admin.example.org']",
  faultOf: (origins) => (Array.isArray(origins) ? undefined : kindOfValue(origins)),
  check(where, origins) {
    for (const [index, origin] of (origins as readonly unknown[]).entries()) {
      if (typeof origin === 'string' && URL.canParse(origin) && new URL(origin).origin === origin) continue;
      const shown = typeof origin === 'string' ? JSON.stringify(origin) : kindOfValue(origin);
      throw new TypeError(
        `${where}[${index}] is ${shown}; it must be an origin without a path, such as 'https://admin.example.org'.`,
      );
    }
  },
};

const transformationsRule: OptionRule = {
  expected: "an object of transformations by name, such as { thumb: 'c_fill,h_100,w_100' }",
  faultOf: (texts) => (kindOfValue(texts) === 'an object' ? undefined : kindOfValue(texts)),
  check: (where, texts) => void readNamedTransformations(texts as Readonly<Record<string, string>>, where),
};

type CloudOptionName =
  | 'originals'
  | 'index'
  | 'handler'
  | 'apiKey'
  | 'apiSecret'
  | 'otherKeys'
  | 'signatureReuse'
  | 'uploadPresets'
  | 'basicOrigins'
  | 'maxUploadBytes'
  | 'parts'
  | 'body'
  | 'incoming'
  | 'remoteFiles'
  | 'urlLimits'
  | 'limits'
  | 'transformations'
  | 'early'
  | 'cache'
  | 'errors'
  | 'deliveryOrigin';

/** The rules for the options of `cloud()`. The upload API checks `maxUploadBytes` and `parts` against each other. */
export const cloudRules: Readonly<Record<CloudOptionName, OptionRule>> = {
  originals: required(
    portValue("a place for originals, such as fileOriginals({ directory: 'originals' }) of @safelight/originals", [
      ...['find', 'receive', 'publish', 'destroy', 'rename', 'changeFacts', 'versions', 'restore', 'list'],
    ]),
  ),
  index: portValue('an index of assets, such as sqliteAssetIndex() of @safelight/originals', [
    'list',
    'search',
    'find',
  ]),
  handler: handlerRule,
  apiKey: credentialRule,
  apiSecret: credentialRule,
  otherKeys: otherKeysRule,
  signatureReuse: choiceValue(['any', 'same-operation', 'never']),
  uploadPresets: presetsRule,
  basicOrigins: originsRule,
  maxUploadBytes: maxUploadBytesRule,
  parts: partsRule,
  body: bodyRule,
  incoming: incomingRule,
  remoteFiles: remoteFilesRule,
  urlLimits: optionsValue<DeliveryPathLimits>({
    maxBytes: numberValue({ min: 1 }),
    maxPublicIdLength: numberValue({ min: 1 }),
  }),
  limits: optionsValue<Partial<HandlerLimits>>({
    maxInputPixels: numberValue({ min: 1 }),
    maxOutputPixels: numberValue({ min: 1 }),
  }),
  transformations: transformationsRule,
  early: anyValue,
  cache: booleanValue,
  errors: choiceValue(['application', 'safelight']),
  deliveryOrigin: functionValue("() => 'https://img.example.org'"),
};

/** @throws {TypeError} when the value cannot be the name of a cloud */
export function checkCloudName(name: unknown): void {
  if (typeof name === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name)) return;
  const shown = typeof name === 'string' ? JSON.stringify(name) : kindOfValue(name);
  throw new TypeError(
    `cloud(): the name is ${shown}; it must be 1 to 128 letters, digits, ".", "-" and "_", and begin with a letter or a digit, as in cloud(safelight, 'demo', options).`,
  );
}
