import { InvalidArgumentError } from 'commander';
import { parseDuration } from './duration.ts';

/**
 * Turns a function that reads a text into a parser for a flag. An empty text counts as not given, because container
 * tools pass an unset variable as an empty one.
 */
export function flagValue<T>(read: (text: string) => T): (text: string, before: T) => T {
  return (text, before) => {
    if (text === '') return before;
    try {
      return read(text);
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
    }
  };
}

/** Reads preset names. The flag may be repeated, and one text may hold several names, separated by commas. */
export function presetNames(text: string, before: readonly string[] = []): readonly string[] {
  const names = commaList(text);
  const bad = names.find((name) => !/^[\w.-]{1,128}$/.test(name));
  if (bad !== undefined)
    throw new InvalidArgumentError(`"${bad}" is not a preset name; use letters, digits, "_", "-", ".".`);
  return [...before, ...names];
}

/** Reads a list. The flag may be repeated, and one text may hold several items, separated by commas. */
export function commaList(text: string, before: readonly string[] = []): readonly string[] {
  const items = text.split(',').map((item) => item.trim());
  return [...before, ...items.filter((item) => item !== '')];
}

export const duration: (text: string, before: number) => number = flagValue(parseDuration);

/** A duration, or `0` for none. */
export const pause: (text: string, before: number) => number = flagValue((text) =>
  /^0(ms|s|m|h)?$/.test(text) ? 0 : parseDuration(text),
);

export const port: (text: string, before: number) => number = flagValue((text) => {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= 65_535)) throw new RangeError(`"${text}" is not a port; use 0 (any free port) to 65535.`);
  return value;
});

export const megabytes: (text: string, before: number) => number = flagValue((text) => {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value))
    throw new RangeError(`"${text}" is not a number of megabytes; use 0 (cache nothing) or more.`);
  return value;
});

export const versionCount: (text: string, before: number) => number = flagValue((text) => {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) {
    throw new RangeError(`"${text}" is not a number of versions; use 0 (only the current version) to 9999.`);
  }
  return value;
});

export const cloudName: (text: string, before: string) => string = flagValue((text) => {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(text)) {
    throw new RangeError(`"${text}" is not a cloud name; use letters, digits, ".", "-" and "_", such as demo.`);
  }
  return text;
});

export const origin: (text: string, before: string) => string = flagValue((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== text.replace(/\/$/, '')) {
    throw new RangeError(`"${text}" is not an origin; use scheme and host, such as https://img.example.org.`);
  }
  return url.origin;
});

export const plainText: (text: string, before: string) => string = flagValue((text) => text);
