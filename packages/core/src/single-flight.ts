/** Runs that are under way, one per key, each shared by everybody who asks meanwhile. */
export interface Flights<T> {
  /** Joins the flight of this key; `undefined` when there is none, `'full'` when too many wait for it. */
  join(key: string): Promise<T> | 'full' | undefined;
  /** Opens a flight; it ends when `start` has settled and what is left to do behind its result is done. */
  open(key: string, start: () => Promise<T>): Promise<T>;
}

export interface FlightsOptions<T> {
  readonly maxWaiters: number;
  /** What goes on after the result is there; until then others may join. Must not reject. */
  readonly goesOn: (result: T) => Promise<void> | undefined;
}

interface Flight<T> {
  waiting: number;
  hasResult: boolean;
  result: Promise<T> | undefined;
}

export function createFlights<T>({ maxWaiters, goesOn }: FlightsOptions<T>): Flights<T> {
  const flights = new Map<string, Flight<T>>();

  async function fly(key: string, flight: Flight<T>, start: () => Promise<T>): Promise<T> {
    let rest: Promise<void> | undefined;
    try {
      const result = await start();
      flight.hasResult = true;
      rest = goesOn(result);
      return result;
    } finally {
      if (rest === undefined) flights.delete(key);
      else rest.then(() => flights.delete(key));
    }
  }

  return {
    join(key) {
      const flight = flights.get(key);
      if (flight === undefined) return undefined;
      if (!flight.hasResult && flight.waiting >= maxWaiters) return 'full';
      flight.waiting += 1;
      return flight.result;
    },
    open(key, start) {
      const flight: Flight<T> = { waiting: 0, hasResult: false, result: undefined };
      flights.set(key, flight);
      flight.result = fly(key, flight, start);
      return flight.result;
    },
  };
}
