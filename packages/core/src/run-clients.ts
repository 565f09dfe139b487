/**
 * The clients that wait for a run. A client is an opaque text: requests with the same text have the same client. A handler
 * that lets its calls wait can give them their turns by client.
 */
export interface RunClients {
  /**
   * Calls the listener once for each client: at once for those that wait now, and later for those that join the run. A second
   * call replaces the listener.
   */
  each(listener: (client: string) => void): void;
}

/** The clients of one run of a guard. There are at most as many as requests may wait for it. */
export class JoinedClients implements RunClients {
  readonly #names = new Set<string>();
  #listener: ((client: string) => void) | undefined;

  add(client: string | undefined): void {
    if (client === undefined || this.#names.has(client)) return;
    this.#names.add(client);
    this.#listener?.(client);
  }

  each(listener: (client: string) => void): void {
    this.#listener = listener;
    for (const client of this.#names) listener(client);
  }
}
