/** A place where something stops until a test lets it go on. */
export interface Gate {
  /** Resolves when somebody has arrived. */
  readonly reached: Promise<void>;
  open(): void;
  /** What the one who is to stop awaits. */
  arrive(): Promise<void>;
}

export function closedGate(): Gate {
  const arrival = latch();
  const departure = latch();
  return {
    reached: arrival.opened,
    open: departure.open,
    arrive() {
      arrival.open();
      return departure.opened;
    },
  };
}

function latch(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
