import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

export type ReactVersion = 18 | 19;

/** The supported versions. All tests of hooks and components run with each of them. */
export const reactVersions: readonly ReactVersion[] = [18, 19];

const require = createRequire(import.meta.url);
const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`));

/** Bundles a module with one version of React, in its development build, which reports mistakes. */
export async function bundleWithReact(
  version: ReactVersion,
  code: string,
  target: { readonly platform: 'browser' | 'node'; readonly format: 'esm' | 'cjs' },
): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname },
    absWorkingDir: join(import.meta.dirname, '../..'),
    bundle: true,
    write: false,
    ...target,
    define: { 'process.env.NODE_ENV': '"development"' },
    alias: version === 18 ? { react: folderOf('react-18'), 'react-dom': folderOf('react-dom-18') } : {},
  });
  return outputFiles[0]?.text ?? '';
}
