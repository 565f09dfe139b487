/** One entry into a function of our packages. */
export interface Entry {
  /** Package and module, such as `core/run-once`. */
  readonly file: string;
  readonly functionName: string;
}

/** Records which functions are entered while it is on. */
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

  /** How many entries there have been, while it was on and while it was off. */
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
