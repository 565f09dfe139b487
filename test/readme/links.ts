import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from '../architecture/source-files.ts';

/** Finds the broken relative links of a document, as `line: link`. */
export function brokenLinks(path: string, text: string): readonly string[] {
  return linksOf(text)
    .filter(({ link }) => !/^[a-z][a-z+.-]*:/i.test(link))
    .filter(({ link }) => !leadsSomewhere(path, text, link))
    .map(({ line, link }) => `${line}: ${link}`);
}

interface Link {
  readonly line: number;
  readonly link: string;
}

/** Links and pictures outside of code, inline or by a definition; a link may continue on the next line. */
export function linksOf(text: string): readonly Link[] {
  const prose = withoutCode(text);
  const found = prose.matchAll(/\]\(<?([^\s)>]+)>?(?:\s+"[^"]*")?\)|^ {0,3}\[[^\]]+\]:\s+<?([^\s>]+)/gm);
  return [...found].map((match) => ({
    line: prose.slice(0, match.index).split('\n').length,
    link: match[1] ?? match[2] ?? '',
  }));
}

/** The text with the same lines, and blanks in place of code. */
function withoutCode(text: string): string {
  let isFenced = false;
  const lines = text.split('\n').map((line) => {
    const isFence = /^\s*```/.test(line);
    if (isFence) isFenced = !isFenced;
    return isFence || isFenced || line.startsWith('    ') ? '' : line;
  });
  return lines.join('\n').replaceAll(/(`+)[^`\n]+\1/g, (code) => ' '.repeat(code.length));
}

function leadsSomewhere(path: string, text: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? join(root, path) : join(root, dirname(path), decodeURIComponent(file));
  if (relative(root, target).startsWith('..') || !existsSync(target)) return false;
  if (anchor === undefined) return true;
  if (!statSync(target).isFile() || !target.endsWith('.md')) return false;
  return anchorsOf(file === '' ? text : readFileSync(target, 'utf8')).has(anchor);
}

/** The anchors of the headings of a document, as GitHub makes them. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  let isFenced = false;
  for (const line of text.split('\n')) {
    if (/^\s*```/.test(line)) isFenced = !isFenced;
    const [, heading] = isFenced ? [] : (/^#{1,6}\s+(.*?)\s*#*\s*$/.exec(line) ?? []);
    if (heading === undefined) continue;
    const shown = heading.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '');
    const slug = shown
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}
