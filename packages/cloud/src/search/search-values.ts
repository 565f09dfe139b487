/** What a value of a number or a time stands for: one value, or all values of a day, or a rounded number. */
export interface ValueSpan {
  /** The first value. */
  readonly from: number;
  /** The last value, or with `isOpen` the first value after it. */
  readonly to: number;
  readonly isOpen: boolean;
}

const exactly = (value: number): ValueSpan => ({ from: value, to: value, isOpen: false });

/** Reads `200` or `1.5`. @returns `undefined` for other texts */
export function numberValue(text: string): ValueSpan | undefined {
  return /^\d{1,15}(\.\d{1,10})?$/.test(text) ? exactly(Number(text)) : undefined;
}

const byteUnits: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Reads a number of bytes, such as `500`, `20kb`, `1.5mb` or `1g`. */
export function bytesValue(text: string): ValueSpan | undefined {
  const [, digits, unit] = /^(\d{1,15}(?:\.\d{1,10})?)(b|[kmg]b?|)$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return exactly(Number(digits) * (byteUnits[(unit ?? '').charAt(0).toLowerCase()] ?? 1));
}

/** Reads `16:9`, which is exact, or `1.78`, which stands for all ratios that are rounded to it. */
export function ratioValue(text: string): ValueSpan | undefined {
  const [, width, height] = /^(\d{1,6}):(\d{1,6})$/.exec(text) ?? [];
  if (width !== undefined && Number(height) > 0) return exactly(Number(width) / Number(height));
  const [, fraction] = /^\d{1,6}\.(\d{1,6})$/.exec(text) ?? [];
  if (fraction === undefined) return numberValue(text);
  const half = 0.5 / 10 ** fraction.length;
  return { from: Number(text) - half, to: Number(text) + half, isOpen: true };
}

const secondMs = 1000;
const dayMs = 24 * 60 * 60 * secondMs;
const relativeMs: Readonly<Record<string, number>> = {
  h: 60 * 60 * secondMs,
  d: dayMs,
  w: 7 * dayMs,
  m: 30 * dayMs,
  y: 365 * dayMs,
};

/** The time that was `3d` (or `h`, `w`, `m`, `y`) ago. */
export function relativeTime(text: string, nowMs: number): number | undefined {
  const [, count, unit] = /^(\d{1,5})([hdwmy])$/.exec(text) ?? [];
  return unit === undefined ? undefined : nowMs - Number(count) * (relativeMs[unit] ?? 0);
}

/** Reads a relative time, a Unix time in seconds, or a date or time of ISO 8601. A date stands for its day in UTC. */
export function timeValue(text: string, nowMs: number): ValueSpan | undefined {
  const relative = relativeTime(text, nowMs);
  if (relative !== undefined) return exactly(relative);
  if (/^\d{9,11}$/.test(text)) return span(Number(text) * secondMs, secondMs);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return span(Date.parse(text), dayMs);
  const [, time, fraction, zone] =
    /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,3})?(Z|[+-]\d{2}:\d{2})?$/.exec(text) ?? [];
  if (time === undefined) return undefined;
  return span(Date.parse(`${time}${fraction ?? ''}${zone ?? 'Z'}`), fraction === undefined ? secondMs : 1);
}

function span(from: number, lengthMs: number): ValueSpan | undefined {
  return Number.isNaN(from) ? undefined : { from, to: from + lengthMs, isOpen: true };
}
