import { booleanValue, kindOfValue, type OptionRule } from '@safelight/protocol';
import type { AllowedUploads } from './allowed-uploads.ts';

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

const valueRule: OptionRule = {
  expected:
    "a text, a list of texts, a pattern such as /pets\\/[a-z]+/, or a function such as (value) => value === 'cat'",
  faultOf(value) {
    const isList = Array.isArray(value) && value.every(isText);
    if (isText(value) || isList || value instanceof RegExp || typeof value === 'function') return undefined;
    return Array.isArray(value) ? 'a list with a value that is not a text' : kindOfValue(value);
  },
};

const transformations: OptionRule = {
  expected: 'a list of transformations, such as [{ width: 300 }]',
  faultOf: (value) => (Array.isArray(value) ? undefined : kindOfValue(value)),
};

export const allowedUploadsRules: { readonly [Name in keyof AllowedUploads]-?: OptionRule } = {
  publicId: valueRule,
  overwrite: booleanValue,
  tags: valueRule,
  eager: transformations,
  uploadPreset: valueRule,
};
