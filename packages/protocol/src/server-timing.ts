import { headerText } from './header-text.ts';

/** One metric of a `Server-Timing` header (www.w3.org/TR/server-timing). */
export interface ServerTimingMetric {
  /** A token: letters, digits and `-`. */
  readonly name: string;
  /** Milliseconds. */
  readonly dur?: number | undefined;
  readonly desc?: string | undefined;
}

/**
 * A `Server-Timing` header, the one that a page can read of a cross-origin image:
 * `err;desc="missing_original", rung;desc="2", heal;dur=57000, placeholder`.
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

/** Reads a `Server-Timing` header as browsers do: what cannot be understood is skipped. Never throws. */
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
      // The first of two equal parameters counts.
      if (parameter === 'dur' && metric.dur === undefined) metric.dur = Number.parseFloat(value) || 0;
      if (parameter === 'desc' && metric.desc === undefined) metric.desc = value;
      parameter = undefined;
      expected = 'nothing';
    }
    if (delimiter !== undefined && delimiter !== '=') parameter = undefined;
  }
  return metrics;
}
