/** Waiting entries in groups. The groups get their turns one after the other; inside a group the first entry is first. */
export interface Turns<Entry> {
  readonly size: number;
  sizeOf(group: string): number;
  enter(group: string, entry: Entry): void;
  leave(group: string, entry: Entry): void;
  /** Takes the entry that is next. */
  next(): Entry | undefined;
}

export function createTurns<Entry>(): Turns<Entry> {
  // Maps and sets are in the order of arrival, and an entry can leave from the middle in constant time.
  const groups = new Map<string, Set<Entry>>();
  let size = 0;

  function leave(group: string, entry: Entry): void {
    const entries = groups.get(group);
    if (entries?.delete(entry) !== true) return;
    size -= 1;
    if (entries.size === 0) groups.delete(group);
  }

  return {
    get size() {
      return size;
    },
    sizeOf: (group) => groups.get(group)?.size ?? 0,
    enter(group, entry) {
      const entries = groups.get(group) ?? new Set();
      groups.set(group, entries.add(entry));
      size += 1;
    },
    leave,
    next() {
      const [first] = groups;
      if (first === undefined) return undefined;
      const [group, entries] = first;
      const [entry] = entries;
      // The group goes to the end.
      groups.delete(group);
      groups.set(group, entries);
      leave(group, entry as Entry);
      return entry;
    },
  };
}
