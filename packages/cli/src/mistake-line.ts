/**
 * Turns commander's message about wrong flags or arguments into one line that ends with advice.
 *
 *     error: unknown option '--dta'
 *     (Did you mean --data?)
 *
 * becomes `unknown option '--dta'; did you mean --data? Add --help for all flags.`
 */
export function mistakeLine(text: string): string {
  const [what = '', ...more] = text
    .replace(/^error: /, '')
    .trim()
    .split(/\s*\n\s*/);
  const hint = more.join(' ').replace(/^\(Did you mean (.*)\)$/, '; did you mean $1');
  const line = what.replace(/^option '(--\S+)[^']*' argument missing$/, '$1 needs a value') + hint;
  return `${line}${/[.?]$/.test(line) ? '' : '.'} Add --help for all flags.`;
}
