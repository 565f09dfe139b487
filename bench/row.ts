/** One line of the table. */
export interface Row {
  readonly what: string;
  /** What it is compared with; empty where there is nothing. */
  readonly other: string;
  readonly safelight: string;
  readonly reached: string;
  readonly aim: string;
}

/** Requests a second, compared. */
export function rateRow(what: string, other: number, safelight: number, aim: string): Row {
  return { what, other: perSecond(other), safelight: perSecond(safelight), reached: ratio(safelight, other), aim };
}

export function ratio(safelight: number, other: number): string {
  return (safelight / other).toFixed(2);
}

function perSecond(rate: number): string {
  return `${Math.round(rate)}/s`;
}
