import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

export interface Bundle {
  /** The code that is loaded at the start. */
  readonly text: string;
  /** Its transfer size, with each file compressed separately. */
  readonly gzipBytes: number;
}

/** Bundles the code that a page loads at the start: minified, without dynamic imports and without `external`. */
export async function bundle(code: string, external: readonly string[] = []): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname },
    absWorkingDir: import.meta.dirname,
    outdir: 'out',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    external: [...external],
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const texts = loadedFirst(metafile.outputs).map((path) => {
    const file = outputFiles.find((output) => output.path.endsWith(path));
    assert.ok(file !== undefined, `no output ${path}`);
    return file.text;
  });
  const gzipBytes = texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).byteLength, 0);
  return { text: texts.join('\n'), gzipBytes };
}

type Outputs = Awaited<ReturnType<typeof build<{ metafile: true }>>>['metafile']['outputs'];

function loadedFirst(outputs: Outputs): readonly string[] {
  const loaded = new Set(Object.keys(outputs).filter((path) => outputs[path]?.entryPoint === '<stdin>'));
  for (const path of loaded) {
    for (const { path: imported, kind, external } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && external !== true) loaded.add(imported);
    }
  }
  return [...loaded];
}
