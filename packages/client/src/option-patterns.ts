// What the type and the text of options look like, for `expectOptions`.

/** Where the value is checked by what it is used for. */
export const anyValue: undefined = undefined;
export const aFunction: RegExp = /^function /;
export const aBoolean: RegExp = /^boolean /;
export const someText: RegExp = /^string /;
/** Timers take no more: a longer one would end at once. */
export const milliseconds: RegExp = /^number 1?\d{1,9}(\.\d+)?$/;
/** Of what may be waited for without an end. */
export const longWait: RegExp = /^number (\d|Infinity)/;
/** A string or a `URL`, to which paths can be appended. */
export const absoluteUrl: RegExp = /^\w+ https?:\/\/[^\s?#@]+$/;
