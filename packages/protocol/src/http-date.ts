const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const day = '(?:mon|tue|wed|thu|fri|sat|sun)';
const month = `(?:${months.join('|')})`;
const time = '\\d\\d:\\d\\d:\\d\\d';

/** The three formats of RFC 9110 section 5.6.7, in lower case. GMT is the only time zone (RFC 9111 section 4.2). */
const httpDate = new RegExp(
  `^(?:${day}, \\d\\d ${month} \\d{4} ${time} gmt|(?:mon|tues|wednes|thurs|fri|satur|sun)day, \\d\\d-${month}-\\d\\d ${time} gmt|${day} ${month} [ \\d]\\d ${time} \\d{4})$`,
);

/**
 * Reads an HTTP date (RFC 9110 section 5.6.7), with names in any case (RFC 9111 section 4.2). Stricter than
 * `Date.parse`, which reads "3000" as a year, and a date without a time zone as local time.
 *
 * @param now - epoch milliseconds; decides the century of a year with two digits
 * @returns epoch milliseconds; `undefined` when the date is malformed
 * @example
 * readHttpDate('Sun, 06 Nov 1994 08:49:37 GMT', Date.now()); // 784111777000
 * readHttpDate('1994-11-06T08:49:37Z', Date.now()); // undefined
 */
export function readHttpDate(text: string, now: number): number | undefined {
  const date = text.trim().toLowerCase();
  if (!httpDate.test(date)) return undefined;
  const numbers = date.match(/\d+/g) ?? [];
  // Only the asctime format has no time zone, and it ends with the year.
  if (!date.endsWith('gmt')) numbers.splice(1, 0, ...numbers.splice(4));
  const [dayOfMonth, year = '', hour, minute, second] = numbers;
  const fullYear = year.length === 2 ? yearOf(Number(year), now) : Number(year);
  // Servers written in Go send the year 1 for a date that was never set.
  if (fullYear < 1970 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const monthIndex = months.findIndex((name) => date.includes(name));
  const midnight = Date.UTC(fullYear, monthIndex, Number(dayOfMonth));
  // `Date.UTC` turns 31 February into 3 March.
  return new Date(midnight).getUTCMonth() === monthIndex
    ? midnight + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000
    : undefined;
}

/** A year that would be more than 50 years in the future is in the past (RFC 9110 section 5.6.7). */
function yearOf(twoDigits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  return year > thisYear + 50 ? year - 100 : year;
}
