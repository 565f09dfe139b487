import { anyName, anyValue, checkOptions, kindOfValue, type OptionRule } from '@safelight/protocol';
import { parseEager } from './eager.ts';
import type { UploadPreset } from './upload-preset.ts';

/**
 * The rule for the option `uploadPresets`. It checks the names, the names of the settings, and the eager
 * transformations. `presetMap` checks the types of the settings.
 */
export const presetsRule: OptionRule = {
  expected: "a list of names, such as ['browser'], or an object with settings, such as { browser: { folder: 'pets' } }",
  faultOf: (presets) => (typeof presets === 'object' && presets !== null ? undefined : kindOfValue(presets)),
  check(where, presets) {
    if (Array.isArray(presets)) checkNames(where, presets);
    else for (const [name, preset] of Object.entries(presets as object)) checkPreset(`${where}.${name}`, preset);
  },
};

function checkNames(where: string, names: readonly unknown[]): void {
  const wrong = names.findIndex((name) => typeof name !== 'string' || name === '');
  if (wrong === -1) return;
  throw new TypeError(
    `${where}[${wrong}] is ${kindOfValue(names[wrong])}; it must be the name of a preset, such as 'browser'.`,
  );
}

function checkPreset(where: string, preset: UploadPreset): void {
  checkOptions<UploadPreset>(where, preset, {
    folder: anyValue,
    publicIdPrefix: anyValue,
    useFilename: anyValue,
    uniqueFilename: anyValue,
    displayName: anyValue,
    tags: anyValue,
    context: anyValue,
    allowedFormats: anyValue,
    remoteFiles: anyValue,
    eager: { expected: '', faultOf: () => undefined, check: checkEager },
  });
}

function checkEager(where: string, eager: unknown): void {
  if (!isTexts(eager)) return;
  try {
    parseEager(eager, { named: anyName });
  } catch (cause) {
    throw new TypeError(`${where} cannot be used. ${(cause as Error).message}`, { cause });
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}
