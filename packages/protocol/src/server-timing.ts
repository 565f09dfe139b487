import { headerText } from './header-text.ts';

/** One metric of a `Server-Timing` header (www.w3.org/TR/server-timing). */
export interface ServerTimingMetric {
  /** A token (RFC 9110 section 5.6.2), such as `heal`. */
  readonly name: string;
  /** Milliseconds. */
  readonly dur?: number | undefined;
  /** A description, such as a failure code. */
  readonly desc?: string | undefined;
}

/**
 * Writes a `Server-Timing` header. A page can read this header of an image from another origin, unlike all others.
 *
 * @param metrics - characters that a name cannot have become `-`; a duration that is not finite is left out
 * @example
 * formatServerTiming([{ name: 'err', desc: 'missing_original' }, { name: 'heal', dur: 57_000 }]);
 * // 'err;desc="missing_original", heal;dur=57000'
 */
export function formatServerTiming(metrics: readonly ServerTimingMetric[]): string {
  return metrics
    .map(({ name, dur, desc }) => {
      const token = name.replace(/[^A-Za-z0-9!#$%&'*+.^_`|~-]/g, '-') || '-';
      const duration = dur === undefined || !Number.isFinite(dur) ? '' : `;dur=${dur}`;
      const description = desc === undefined ? '' : `;desc="${headerText(desc).replace(/["\\]/g, '\\$&')}"`;
      return `${token}${duration}${description}`;
    })
    .join(', ');
}

const pieces = /"((?:[^"\\]|\\.)*)"?|([,;=])|([^\s",;=]+)/g;

/**
 * Reads a `Server-Timing` header as browsers do: malformed parts are skipped. Never throws.
 *
 * @example
 * parseServerTiming('heal;dur=57000, placeholder'); // [{ name: 'heal', dur: 57000 }, { name: 'placeholder' }]
 */
export function parseServerTiming(text: string): readonly ServerTimingMetric[] {
  const metrics: { name: string; dur?: number; desc?: string }[] = [];
  let parameter: string | undefined;
  let expected: 'name' | 'parameter' | 'value' | 'nothing' = 'name';
  for (const [, quoted, delimiter, word] of text.matchAll(pieces)) {
    const metric = metrics.at(-1);
    const value = quoted?.replace(/\\(.)/g, '$1') ?? word;
    if (delimiter === ',') expected = 'name';
    else if (delimiter === ';') expected = metric === undefined ? 'nothing' : 'parameter';
    else if (delimiter === '=') expected = parameter === undefined ? 'nothing' : 'value';
    else if (value === undefined || expected === 'nothing') continue;
    else if (expected === 'name') {
      metrics.push({ name: value });
      expected = 'nothing';
    } else if (expected === 'parameter') parameter = value.toLowerCase();
    else if (metric !== undefined) {
      // If a parameter appears twice, the first one is used.
      if (parameter === 'dur' && metric.dur === undefined) metric.dur = Number.parseFloat(value) || 0;
      if (parameter === 'desc' && metric.desc === undefined) metric.desc = value;
      parameter = undefined;
      expected = 'nothing';
    }
    if (delimiter !== undefined && delimiter !== '=') parameter = undefined;
  }
  return metrics;
}
