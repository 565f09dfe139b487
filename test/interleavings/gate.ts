/** A place where something stops until a test lets it go on. */
export interface Gate {
  /** Resolves when somebody has arrived. */
  readonly reached: Promise<void>;
  open(): void;
  /** What the one who is to stop awaits. */
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
