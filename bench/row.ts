/** One line of the table. */
export interface Row {
  readonly what: string;
  /** The figure of the other side; empty when there is no other side. */
  readonly other: string;
  readonly safelight: string;
  readonly reached: string;
  readonly aim: string;
}

/** Compares requests a second. */
export function rateRow(what: string, other: number, safelight: number, aim: string): Row {
  return { what, other: perSecond(other), safelight: perSecond(safelight), reached: ratio(safelight, other), aim };
}

export function ratio(safelight: number, other: number): string {
  return (safelight / other).toFixed(2);
}

function perSecond(rate: number): string {
  return `${Math.round(rate)}/s`;
}
