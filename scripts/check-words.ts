import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript-6';

/**
 * Finds words that are hard for readers with another first language, and words that replace those of the RFCs: in comments
 * and messages of packages, examples, scripts and tests, in Markdown and in HTML. Code is not checked: identifiers, module
 * names, `code spans`, fences. It prints one line for each such word, and exits with 1 when there is one.
 */

/** Quotations and names, which may stay. They are ignored wherever their text is found. */
const exempt: readonly { readonly text: string; readonly reason: string }[] = [
  { text: "'nobody'", reason: 'the body of a 404 of test/servers' },
];

const checked: readonly string[] = [
  'packages/*/src/**/*.ts',
  'packages/*/*.md',
  'examples/*/*.{ts,md,html}',
  'examples/*/{src,public,scripts,test}/**/*.{ts,tsx,js,html,css}',
  '{scripts,bench}/**/*.ts',
  'test/{architecture,attacks,chaos,deep,derivatives,fuzz,interleavings,openapi,postman,readme,responses}/**/*.ts',
  'test/{runs,servers,size,story,tarballs}/**/*.ts',
  'docs/*.md',
  '*.md',
];

/** The gap between two words of a comment. It may have the end of a line, and the `*` or `//` of the next line. */
const gap = String.raw`(?:\s|\*|//)+`;
const words = new RegExp(
  [
    String.raw`\bwho(?:m|se|ever)?\b`,
    String.raw`\b(?:some|no|every|any)body\b`,
    String.raw`\bone['’]s${gap}own\b`,
    String.raw`\bat${gap}hand\b`,
    String.raw`\bin${gap}vain\b`,
    String.raw`\bcomes${gap}of\b`,
    String.raw`\balas\b`,
    // The words of RFC 9110 and 9111: response, cache, store, evict; transient and permanent failures.
    String.raw`\banswer(?:s|ed|ing)?\b`,
    String.raw`\bput(?:s|ting)?${gap}away\b`,
    String.raw`\blet(?:s|ting)?${gap}go\b`,
    String.raw`\bisland\b`,
    String.raw`\b(?:lasting|passing)${gap}(?:one|fault|failure|error)s?\b`,
    // `There is no store` and `it is no longer` are plain; `it is no store` is not.
    String.raw`(?<!\bthere${gap})\bis${gap}no${gap}(?!longer\b|more${gap}than\b)[a-z]+`,
  ].join('|'),
  'gi',
);

interface Passage {
  readonly start: number;
  readonly text: string;
}

/** Replaces each match by spaces, so that positions stay the same. */
const blank = (text: string, pattern: RegExp | string): string =>
  text.replaceAll(pattern, (match: string) => match.replace(/[^\n]/g, ' '));

/** Comments, strings and the literal parts of templates. */
function passagesOfCode(path: string, text: string): readonly Passage[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const passages: Passage[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(source);
    if (children.length > 0) {
      for (const child of children) visit(child);
      return;
    }
    const [from, start] = [node.getFullStart(), node.getStart(source, false)];
    if (start > from) passages.push({ start: from, text: text.slice(from, start) });
    if (isMessage(node)) passages.push({ start, text: text.slice(start, node.end) });
  };
  visit(source);
  return passages;
}

function isMessage(node: ts.Node): boolean {
  if (ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) return true;
  if (!ts.isStringLiteralLike(node)) return false;
  // The name of a module is a name, like an identifier.
  return !(ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent));
}

function passagesOf(path: string, text: string): readonly Passage[] {
  if (path.endsWith('.md')) return [{ start: 0, text: blank(text, /^ *(`{3,})[^\n]*\n[\s\S]*?^ *\1 *$/gm) }];
  if (/\.(?:html|css)$/.test(path)) return [{ start: 0, text }];
  return passagesOfCode(path, text);
}

function hitsIn(path: string): readonly string[] {
  const text = readFileSync(`${root}${path}`, 'utf8');
  const lines = text.split('\n');
  return passagesOf(path, text).flatMap((passage) => {
    const isTemplate = passage.text.startsWith('`');
    const spoken = exempt.reduce(
      (rest, quotation) => blank(rest, quotation.text),
      isTemplate ? passage.text : blank(passage.text, /`[^`\n]*`/g),
    );
    return [...spoken.matchAll(words)].map(({ 0: word, index }) => {
      const line = text.slice(0, passage.start + index).split('\n').length;
      return `${path}:${line}: ${word.replace(/\s+/g, ' ')}: ${lines[line - 1]?.trim() ?? ''}`;
    });
  });
}

const root = fileURLToPath(new URL('..', import.meta.url));
const files = checked.flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
const hits = files.flatMap(hitsIn);
for (const hit of hits) console.error(hit);
console.log(`${files.length} files checked, ${hits.length} words to replace`);
process.exitCode = hits.length === 0 ? 0 : 1;
