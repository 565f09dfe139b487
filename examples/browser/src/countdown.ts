/**
 * Calls `show` with the number of seconds that are left, until that is 0.
 * @returns a function that stops it
 */
export function countDown(durationMs: number, show: (seconds: number) => void): () => void {
  const endsAt = Date.now() + durationMs;
  const tick = (): void => {
    const seconds = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000));
    show(seconds);
    if (seconds === 0) clearInterval(timer);
  };
  const timer = setInterval(tick, 500);
  tick();
  return () => clearInterval(timer);
}
