/** Says how many seconds are left, until it is stopped or none are. @returns what stops it */
export function countDown(durationMs: number, say: (seconds: number) => void): () => void {
  const endsAt = Date.now() + durationMs;
  const tick = (): void => {
    const seconds = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000));
    say(seconds);
    if (seconds === 0) clearInterval(timer);
  };
  const timer = setInterval(tick, 500);
  tick();
  return () => clearInterval(timer);
}
