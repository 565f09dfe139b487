/** Code under test stops at a gate until the test opens it. */
export interface Gate {
  /** Resolves when code has arrived at the gate. */
  readonly reached: Promise<void>;
  open(): void;
  /** Called and awaited by the code that should stop. */
  arrive(): Promise<void>;
}

export function closedGate(): Gate {
  const arrival = Promise.withResolvers<void>();
  const departure = Promise.withResolvers<void>();
  return {
    reached: arrival.promise,
    open: departure.resolve,
    arrive() {
      arrival.resolve();
      return departure.promise;
    },
  };
}
