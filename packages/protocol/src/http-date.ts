const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const day = '(?:mon|tue|wed|thu|fri|sat|sun)';
const month = `(?:${months.join('|')})`;
const time = '\\d\\d:\\d\\d:\\d\\d';

/** RFC 9110 section 5.6.7, in lower case; no time zone but GMT (RFC 9111 section 4.2). */
const httpDate = new RegExp(
  `^(?:${day}, \\d\\d ${month} \\d{4} ${time} gmt|(?:mon|tues|wednes|thurs|fri|satur|sun)day, \\d\\d-${month}-\\d\\d ${time} gmt|${day} ${month} [ \\d]\\d ${time} \\d{4})$`,
);

/**
 * The instant that an HTTP date names; `undefined` when it is malformed. `Date.parse` reads far more: to it "3000" is
 * a year, and a date without a zone is local time. Names are read in any case, as RFC 9111 section 4.2 asks of caches.
 * @param now - says which century two digits of a year mean
 */
export function readHttpDate(text: string, now: number): number | undefined {
  const date = text.trim().toLowerCase();
  if (!httpDate.test(date)) return undefined;
  const numbers = date.match(/\d+/g) ?? [];
  // Only the form without a zone, asctime's, has its year at the end.
  if (!date.endsWith('gmt')) numbers.splice(1, 0, ...numbers.splice(4));
  const [dayOfMonth, year = '', hour, minute, second] = numbers;
  const fullYear = year.length === 2 ? yearOf(Number(year), now) : Number(year);
  // The year 1 is what a date that was never set looks like in Go.
  if (fullYear < 1970 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const monthIndex = months.findIndex((name) => date.includes(name));
  const midnight = Date.UTC(fullYear, monthIndex, Number(dayOfMonth));
  // Days that a month does not have run over into another one.
  return new Date(midnight).getUTCMonth() === monthIndex
    ? midnight + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000
    : undefined;
}

/** More than 50 years ahead is the same two digits in the past (RFC 9110 section 5.6.7). */
function yearOf(twoDigits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  return year > thisYear + 50 ? year - 100 : year;
}
