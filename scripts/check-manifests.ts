import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/**
 * Finds wrong entry points and types of packages (publint, attw), and files, exports and dependencies without a use
 * (knip).
 */

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string) => `${root}node_modules/.bin/${name}`;

async function problemsOf(name: string): Promise<readonly string[]> {
  const pkgDir = `${root}packages/${name}`;
  const { messages, pkg } = await publint({ pkgDir, strict: true });
  // The code is ESM only, for CommonJS modules, too: the supported versions of Node can require it. The packages have no
  // default export, so their declarations for CommonJS are right, although the code has another format.
  const isByDesign = ({ code, path }: (typeof messages)[number]): boolean =>
    code === 'EXPORTS_TYPES_INVALID_FORMAT' && path.at(-1) === 'require';
  const wrong = messages.filter((message) => !isByDesign(message));
  const problems = wrong.map((message) => `${name}: ${formatMessage(message, pkg) ?? message.code}`);
  const rules = ['--ignore-rules', 'false-cjs', 'cjs-resolves-to-esm'];
  const types = await outputOf(bin('attw'), ['--pack', pkgDir, '--format', 'ascii', ...rules], pkgDir);
  return types === undefined ? problems : [...problems, `${name}: ${types}`];
}

/** The output of a command that failed; `undefined` when it succeeded. */
async function outputOf(command: string, args: readonly string[], cwd: string): Promise<string | undefined> {
  try {
    await run(command, args, { cwd });
    return undefined;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return `${stdout}${stderr}`.trim() || String(error);
  }
}

const names = await readdir(`${root}packages`);
const unused = await outputOf(bin('knip'), ['--no-progress'], root);
const problems = [...(await Promise.all(names.map(problemsOf))).flat(), ...(unused === undefined ? [] : [unused])];
for (const problem of problems) console.error(problem);
console.log(`${names.length} manifests checked, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
