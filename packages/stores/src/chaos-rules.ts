export type ChaosOp = 'getMany' | 'set' | 'delete';

/** One call of the store, as the log and the key predicates see it. */
export interface ChaosCall {
  readonly op: ChaosOp;
  /** One key, or all keys of a `getMany`. */
  readonly keys: readonly string[];
  /** What `set` was called with. */
  readonly value?: unknown;
}

/** Which of the calls from now on are meant. */
export interface ChaosMatch {
  /** @default any operation */
  readonly op?: ChaosOp;
  /** The whole key, a pattern, or a predicate; a `getMany` matches when one of its keys does. @default any key */
  readonly key?: string | RegExp | ((key: string) => boolean);
  /** The first matching call that is meant: 1 is the next one. @default 1 */
  readonly nth?: number;
  /** How many matching calls in a row are meant; `Infinity` for all from there on. @default 1 */
  readonly times?: number;
}

/** What happens to a call; everything that is left out happens as it would without chaos. */
export interface ChaosEffect {
  /** Awaited before the call is applied. */
  readonly before?: (call: ChaosCall) => Promise<void>;
  /** The call never reaches the store. */
  readonly dropped?: boolean;
  /** Called when the call has had its turn at the store, with a way to apply it (once more). */
  readonly repeatable?: (again: () => Promise<void>) => void;
  /** Awaited after the call was applied, before its answer leaves. */
  readonly after?: (call: ChaosCall) => Promise<void>;
  /** Answered instead of the truth. */
  readonly reply?: 'reject' | 'false' | 'true';
}

interface ChaosRule {
  readonly match: ChaosMatch;
  readonly effect: ChaosEffect;
  seen: number;
  fired: number;
}

export interface ChaosRules {
  /** Adds a rule; the returned function takes it away again. */
  add(match: ChaosMatch, effect: ChaosEffect): () => void;
  /** The effects on this call, in the order in which they were commanded. */
  effectsOn(call: ChaosCall): readonly ChaosEffect[];
  /** Rules that have not met a call yet. */
  unmet(): readonly ChaosMatch[];
}

export function chaosRules(): ChaosRules {
  const rules = new Set<ChaosRule>();
  return {
    add(match, effect) {
      const rule: ChaosRule = { match, effect, seen: 0, fired: 0 };
      rules.add(rule);
      return () => rules.delete(rule);
    },
    effectsOn: (call) => [...rules].filter((rule) => fires(rule, call)).map(({ effect }) => effect),
    unmet: () => [...rules].filter(({ fired }) => fired === 0).map(({ match }) => match),
  };
}

function fires(rule: ChaosRule, call: ChaosCall): boolean {
  const { op, key, nth = 1, times = 1 } = rule.match;
  if (op !== undefined && op !== call.op) return false;
  if (!call.keys.some((each) => isMeant(key, each))) return false;
  rule.seen += 1;
  if (rule.seen < nth || rule.seen >= nth + times) return false;
  rule.fired += 1;
  return true;
}

/** Whether a key equals the text, matches the pattern or fulfils the predicate. */
export function isMeant(key: ChaosMatch['key'], candidate: string): boolean {
  if (key === undefined) return true;
  if (typeof key === 'string') return key === candidate;
  return typeof key === 'function' ? key(candidate) : candidate.search(key) >= 0;
}
