/** Bytes without repetition, the same for the same seed. */
export function seededBytes(seed: number, bytes: number): Buffer {
  const content = Buffer.alloc(bytes);
  let state = (seed + 1) * 2_654_435_761;
  for (let at = 0; at < bytes; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    content[at] = state >>> 24;
  }
  return content;
}
