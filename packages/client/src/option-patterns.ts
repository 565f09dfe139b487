// Patterns for the type and the text of options, for `expectOptions`.

/** For a value that is checked where it is used. */
export const anyValue: undefined = undefined;
export const aFunction: RegExp = /^function /;
export const aBoolean: RegExp = /^boolean /;
export const someText: RegExp = /^string /;
/** The maximum of a timer: a longer one would fire at once. */
export const milliseconds: RegExp = /^number 1?\d{1,9}(\.\d+)?$/;
/** For a wait that may have no limit. */
export const longWait: RegExp = /^number (\d|Infinity)/;
/** A string or a `URL`, to which paths can be appended. */
export const absoluteUrl: RegExp = /^\w+ https?:\/\/[^\s?#@]+$/;
