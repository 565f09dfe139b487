const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const month = `(?<month>${months.join('|')})`;
const time = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)';
const shortDay = '(?:mon|tue|wed|thu|fri|sat|sun)';
const longDay = '(?:mon|tues|wednes|thurs|fri|satur|sun)day';

/** RFC 9110 section 5.6.7; caches read them in any case, and no time zone but GMT (RFC 9111 section 4.2). */
const forms = [
  `${shortDay}, (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} gmt`,
  `${longDay}, (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} gmt`,
  `${shortDay} ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})`,
].map((form) => new RegExp(`^${form}$`, 'i'));

/**
 * The instant that an HTTP date names; `undefined` when it is malformed. `Date.parse` reads far more: to it "3000" is
 * a year, and a date without a zone is local time.
 * @param now - says which century two digits of a year mean
 */
export function readHttpDate(text: string, now: number): number | undefined {
  for (const form of forms) {
    const groups = form.exec(text.trim())?.groups;
    if (groups !== undefined) return instantOf(groups, now);
  }
  return undefined;
}

function instantOf(parts: Readonly<Record<string, string>>, now: number): number | undefined {
  const { day, month = '', year = '', hour, minute, second } = parts;
  const monthIndex = months.indexOf(month.toLowerCase());
  const fullYear = year.length === 4 ? Number(year) : yearOf(Number(year), now);
  // The year 1 is what a date that was never set looks like in Go.
  if (fullYear < 1970 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const at = Date.UTC(fullYear, monthIndex, Number(day), Number(hour), Number(minute), Number(second));
  // Days that a month does not have run over into another one.
  return new Date(Date.UTC(fullYear, monthIndex, Number(day))).getUTCMonth() === monthIndex ? at : undefined;
}

/** More than 50 years ahead is the same two digits in the past (RFC 9110 section 5.6.7). */
function yearOf(twoDigits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + twoDigits;
  return year > thisYear + 50 ? year - 100 : year;
}
