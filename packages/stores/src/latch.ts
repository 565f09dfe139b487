/** A promise that is resolved from outside; opening it again changes nothing. */
export interface Latch<Value> {
  readonly opened: Promise<Value>;
  readonly open: (value: Value) => void;
}

export function createLatch<Value>(): Latch<Value> {
  let open: (value: Value) => void = () => undefined;
  const opened = new Promise<Value>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
