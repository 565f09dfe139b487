/** Run after `changeset version`: turns the section "Unreleased" of CHANGELOG.md into the section of the new version. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * @param text - CHANGELOG.md
 * @param day - `2026-01-31`
 * @returns the text with a dated section; the same text when the version has its section already
 * @throws {Error} when there is no section of unreleased changes, or it is empty
 */
export function datedChangelog(text: string, version: string, day: string): string {
  if (text.includes(`\n## ${version} `)) return text;
  const [, before, unreleased] = /^([\s\S]*?\n)## Unreleased\n([\s\S]*?)(?=\n## |$(?![\s\S]))/.exec(text) ?? [];
  if (before === undefined || unreleased === undefined || unreleased.trim() === '') {
    throw new Error(`CHANGELOG.md lists nothing under "## Unreleased"; add the changes of ${version} there.`);
  }
  const rest = text.slice(before.length + '## Unreleased\n'.length + unreleased.length);
  return `${before}## Unreleased\n\n## ${version} - ${day}\n${unreleased}${rest}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const changelog = new URL('../CHANGELOG.md', import.meta.url);
  const manifest = new URL('../packages/core/package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync(changelog, datedChangelog(readFileSync(changelog, 'utf8'), version, day));
}
