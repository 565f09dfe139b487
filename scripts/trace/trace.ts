/** One entry into a function of our packages. */
export interface Entry {
  /** Package and module, such as `core/run-once`. */
  readonly file: string;
  readonly functionName: string;
}

/** Records which functions are entered, while it is on. */
export class Trace {
  readonly #functions: Entry[] = [];
  #entered: Entry[] | undefined;

  /** Gives a function its number. */
  readonly register = (entry: Entry): number => this.#functions.push(entry) - 1;

  readonly enter = (number: number): void => {
    const entry = this.#functions[number];
    if (entry !== undefined) this.#entered?.push(entry);
  };

  get length(): number {
    return this.#entered?.length ?? 0;
  }

  start(): void {
    this.#entered = [];
  }

  stop(): readonly Entry[] {
    const entered = this.#entered ?? [];
    this.#entered = undefined;
    return entered;
  }
}
