/** One entry into a function of our packages. */
export interface Entry {
  /** Package and module, such as `core/shared-runs`. */
  readonly file: string;
  readonly functionName: string;
}

/** Records the functions that are entered between `start` and `stop`. */
export class Trace {
  readonly #functions: Entry[] = [];
  #recorded: Entry[] | undefined;
  #count = 0;

  /** Gives a function the number that `enter` takes. */
  readonly register = (entry: Entry): number => this.#functions.push(entry) - 1;

  readonly enter = (number: number): void => {
    this.#count++;
    const entry = this.#functions[number];
    if (entry !== undefined) this.#recorded?.push(entry);
  };

  /** The number of entries, including those that were not recorded. */
  get count(): number {
    return this.#count;
  }

  start(): void {
    this.#recorded = [];
  }

  stop(): readonly Entry[] {
    const recorded = this.#recorded ?? [];
    this.#recorded = undefined;
    return recorded;
  }
}
