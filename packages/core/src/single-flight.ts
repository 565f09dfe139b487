/** Runs that are under way, one per key, each shared by everybody who asks meanwhile. */
export interface Flights<T> {
  /** Joins the flight of this key; `undefined` when there is none, `'full'` when too many wait for it. */
  join(key: string): Promise<T> | 'full' | undefined;
  /** Opens a flight; it ends when `start` has settled. */
  open(key: string, start: () => Promise<T>): Promise<T>;
}

interface Flight<T> {
  waiting: number;
  readonly result: Promise<T>;
}

export function createFlights<T>({ maxWaiters }: { readonly maxWaiters: number }): Flights<T> {
  const flights = new Map<string, Flight<T>>();

  async function land(key: string, start: () => Promise<T>): Promise<T> {
    try {
      return await start();
    } finally {
      flights.delete(key);
    }
  }

  return {
    join(key) {
      const flight = flights.get(key);
      if (flight === undefined) return undefined;
      if (flight.waiting >= maxWaiters) return 'full';
      flight.waiting += 1;
      return flight.result;
    },
    open(key, start) {
      const result = land(key, start);
      flights.set(key, { waiting: 0, result });
      return result;
    },
  };
}
