// Patterns for `expectOptions`: each matches the type and the text of a value, such as `number 300`.

/** Not checked here: the function that uses the value checks it. */
export const anyValue: undefined = undefined;
export const aFunction: RegExp = /^function /;
export const aBoolean: RegExp = /^boolean /;
export const someText: RegExp = /^string /;
/** At most 1_999_999_999: a timer above 2_147_483_647 ms would fire at once. */
export const milliseconds: RegExp = /^number 1?\d{1,9}(\.\d+)?$/;
/** A wait that may be `Infinity`. */
export const longWait: RegExp = /^number (\d|Infinity)/;
/** A string or a `URL`, to which paths can be appended. */
export const absoluteUrl: RegExp = /^\w+ https?:\/\/[^\s?#@]+$/;
