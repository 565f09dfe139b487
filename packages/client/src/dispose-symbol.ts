/// <reference lib="esnext.disposable" preserve="true" />

/** Browsers without explicit resource management have no such symbol; compilers of `using` then use this one. */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
