/** `undefined`: the entries that no client waits for. They get their turns like those of a client. */
export type Client = string | undefined;

/**
 * Entries that wait, each for one or more clients. The clients get their turns one after the other; the turn of a client goes
 * to its groups one after the other; inside a group the first entry is first.
 */
export interface ClientTurns<Entry> {
  /** The number of waiting entries. */
  readonly size: number;
  /** Lets an entry wait also for this client. Its group is that of the first call. */
  enter(entry: Entry, group: string, client: Client): void;
  leave(entry: Entry): void;
  /** Takes the entry that is next. */
  next(): Entry | undefined;
  /**
   * Removes the entry that must give way when too many wait: the last one in the largest group of the client with the most
   * entries. It gives way to no client that has as many.
   *
   * @param client - the client of the newest entry
   */
  giveWay(client: Client): Entry | undefined;
}

export function createClientTurns<Entry>(): ClientTurns<Entry> {
  // The map is in the order of the turns.
  const lines = new Map<Client, GroupTurns<Entry>>();
  const places = new Map<Entry, { readonly group: string; readonly clients: Set<Client> }>();

  function leaveLine(entry: Entry, client: Client): void {
    const place = places.get(entry);
    const line = lines.get(client);
    if (place === undefined || line === undefined) return;
    line.leave(place.group, entry);
    if (line.size === 0) lines.delete(client);
    place.clients.delete(client);
    if (place.clients.size === 0) places.delete(entry);
  }

  function leave(entry: Entry): void {
    for (const client of places.get(entry)?.clients ?? []) leaveLine(entry, client);
  }

  function largestLine(client: Client): Client {
    let largest = client;
    let size = lines.get(client)?.size ?? 0;
    for (const [other, line] of lines) {
      if (line.size > size) [largest, size] = [other, line.size];
    }
    return largest;
  }

  return {
    get size() {
      return places.size;
    },
    enter(entry, group, client) {
      const place = places.get(entry) ?? { group, clients: new Set() };
      if (place.clients.has(client)) return;
      places.set(entry, place);
      place.clients.add(client);
      const line = lines.get(client) ?? createGroupTurns();
      lines.set(client, line);
      line.enter(place.group, entry);
    },
    leave,
    next() {
      const [first] = lines;
      if (first === undefined) return undefined;
      const [client, line] = first;
      // The client goes to the end.
      lines.delete(client);
      lines.set(client, line);
      const entry = line.next();
      if (entry !== undefined) leave(entry);
      return entry;
    },
    giveWay(client) {
      for (;;) {
        const largest = largestLine(client);
        const entry = lines.get(largest)?.last();
        if (entry === undefined) return undefined;
        leaveLine(entry, largest);
        // An entry that still waits for another client has not given way.
        if (!places.has(entry)) return entry;
      }
    },
  };
}

/** The entries that wait for one client. */
interface GroupTurns<Entry> {
  readonly size: number;
  enter(group: string, entry: Entry): void;
  leave(group: string, entry: Entry): void;
  /** Takes the entry that is next. */
  next(): Entry | undefined;
  /** The newest entry of the largest group. It stays. */
  last(): Entry | undefined;
}

function createGroupTurns<Entry>(): GroupTurns<Entry> {
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
    last() {
      let largest: ReadonlySet<Entry> = new Set();
      for (const entries of groups.values()) if (entries.size > largest.size) largest = entries;
      return [...largest].at(-1);
    },
  };
}
