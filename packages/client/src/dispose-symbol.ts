/// <reference lib="esnext.disposable" preserve="true" />

/** Browsers without explicit resource management have no such symbol; what compiles `using` for them looks for this one. */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
