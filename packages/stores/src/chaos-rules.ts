/** The operations of a store. `setFirst` counts as `set`. `take`, `record` and `release` are those of its leases. */
export type ChaosOp = 'getMany' | 'set' | 'delete' | 'extend' | 'take' | 'record' | 'release';

/** One call of the store, for the log and the rules. */
export interface ChaosCall {
  readonly op: ChaosOp;
  /** One key, or all keys of a `getMany`. Of a `take`: the lease, then the keys that are read. */
  readonly keys: readonly string[];
  /** The value of a `set` or `record`. */
  readonly value?: unknown;
}

/** Selects calls among the later ones. */
export interface ChaosMatch {
  /** @default any operation */
  readonly op?: ChaosOp;
  /** The whole key, a pattern, or a predicate. A `getMany` matches if one of its keys matches. @default any key */
  readonly key?: string | RegExp | ((key: string) => boolean);
  /** The first selected call among the matching ones, from 1. @default 1 */
  readonly nth?: number;
  /** How many matching calls in a row are selected; `Infinity` for all calls from there on. @default 1 */
  readonly times?: number;
}

/** The effect of a command on a call. Without a member, that step is as in the store itself. */
export interface ChaosEffect {
  /** Awaited before the call is applied. */
  readonly before?: (call: ChaosCall) => Promise<void>;
  /** The call never reaches the store. */
  readonly dropped?: boolean;
  /** Called after the call was applied or dropped, with a function that applies it (once more). */
  readonly repeatable?: (again: () => Promise<void>) => void;
  /** Awaited after the call was applied, before its reply. */
  readonly after?: (call: ChaosCall) => Promise<void>;
  /** Replaces the reply of the store. */
  readonly reply?: 'reject' | 'false' | 'true';
}

interface ChaosRule {
  readonly match: ChaosMatch;
  readonly effect: ChaosEffect;
  /** How many calls have matched. */
  seen: number;
  /** On how many of them it has acted. */
  fired: number;
}

/** The commands of a test that are in force. */
export interface ChaosRules {
  /** Adds a rule. @returns a function that removes it */
  add(match: ChaosMatch, effect: ChaosEffect): () => void;
  /** The effects on this call, in the order in which their rules were added. */
  effectsOn(call: ChaosCall): readonly ChaosEffect[];
  /** The rules that have acted on no call yet. */
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
  if (!call.keys.some((each) => matchesKey(key, each))) return false;
  rule.seen += 1;
  if (rule.seen < nth || rule.seen >= nth + times) return false;
  rule.fired += 1;
  return true;
}

/** Whether a key equals the text, matches the pattern or satisfies the predicate. */
export function matchesKey(key: ChaosMatch['key'], candidate: string): boolean {
  if (key === undefined) return true;
  if (typeof key === 'string') return key === candidate;
  return typeof key === 'function' ? key(candidate) : candidate.search(key) >= 0;
}
