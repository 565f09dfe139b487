/** A set of row numbers: one bit for each number from 0 to the largest one. */
export type IdSet = Uint32Array;

/** @param list - numbers with commas, as `group_concat` writes them; `null` for none */
export function idSetOf(list: string | null, maxId: number): IdSet {
  const set = new Uint32Array((maxId >>> 5) + 1);
  forEachId(list, (id) => {
    // A row may be newer than `maxId`.
    if (id <= maxId) set[id >>> 5] = (set[id >>> 5] ?? 0) | (1 << (id & 31));
  });
  return set;
}

export function idsOfList(list: string | null): readonly number[] {
  const ids: number[] = [];
  forEachId(list, (id) => ids.push(id));
  return ids;
}

function forEachId(list: string | null, visit: (id: number) => void): void {
  if (list === null) return;
  let id = 0;
  for (let at = 0; at < list.length; at += 1) {
    const code = list.charCodeAt(at);
    if (code === 44) {
      visit(id);
      id = 0;
    } else {
      id = id * 10 + code - 48;
    }
  }
  visit(id);
}

export function hasId(set: IdSet, id: number): boolean {
  return (((set[id >>> 5] ?? 0) >>> (id & 31)) & 1) === 1;
}

export function intersection(one: IdSet, other: IdSet): IdSet {
  return one.map((bits, at) => bits & (other[at] ?? 0));
}

export function union(one: IdSet, other: IdSet): IdSet {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return long.map((bits, at) => bits | (short[at] ?? 0));
}

export function difference(one: IdSet, other: IdSet): IdSet {
  return one.map((bits, at) => bits & ~(other[at] ?? 0));
}

export function countOf(set: IdSet): number {
  let count = 0;
  for (const word of set) {
    let bits = word - ((word >>> 1) & 0x55555555);
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
    count += (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
  }
  return count;
}

/** The numbers of a set, ascending; `undefined` when there are more than `max`. */
export function idsOf(set: IdSet, max: number): readonly number[] | undefined {
  const ids: number[] = [];
  for (const [at, word] of set.entries()) {
    for (let bits = word; bits !== 0; bits &= bits - 1) ids.push(at * 32 + 31 - Math.clz32(bits & -bits));
    if (ids.length > max) return undefined;
  }
  return ids;
}
