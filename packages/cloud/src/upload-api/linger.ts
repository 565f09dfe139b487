/** Longer than any pause between two parts; whoever asks for the asset waits about as long at most anyway. */
const lingerMs = 5_000;

/** Calls `end` in a while, or as soon as one of `lingering` is called. */
export function linger(lingering: Set<() => void>, end: () => void): void {
  const endNow = (): void => {
    clearTimeout(timer);
    lingering.delete(endNow);
    end();
  };
  const timer = setTimeout(endNow, lingerMs).unref();
  lingering.add(endNow);
}
