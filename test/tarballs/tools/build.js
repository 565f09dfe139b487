import { mkdir, readFile, writeFile } from 'node:fs/promises';

// Builds `entries.js` with one tool; the bundle is `out/<tool>/entries.js`. Each tool has the settings of a new project.
const [tool = ''] = process.argv.slice(2);
const folder = `out/${tool}`;

const tools = {
  async esbuild() {
    const { build } = await import('esbuild');
    await build({ entryPoints: ['entries.js'], bundle: true, splitting: true, format: 'esm', outdir: folder });
  },
  async vite() {
    const { build } = await import('vite');
    const output = { entryFileNames: '[name].js' };
    await build({ logLevel: 'warn', build: { outDir: folder, rollupOptions: { input: 'entries.js', output } } });
  },
  async webpack() {
    const { default: webpack } = await import('webpack');
    const output = {
      path: `${process.cwd()}/${folder}`,
      filename: 'entries.js',
      publicPath: '',
      globalObject: 'globalThis',
    };
    const stats = await new Promise((resolve, reject) => {
      webpack({ mode: 'production', entry: './entries.js', target: 'web', output }, (error, done) =>
        error ? reject(error) : resolve(done),
      );
    });
    if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
  },
  parcel: () => buildWithParcel(false),
  'parcel-exports': () => buildWithParcel(true),
  metro: () => buildWithMetro(false),
  'metro-exports': () => buildWithMetro(true),
};

async function buildWithParcel(packageExports) {
  const manifest = JSON.parse(await readFile('package.json', 'utf8'));
  await writeFile('package.json', JSON.stringify({ ...manifest, '@parcel/resolver-default': { packageExports } }));
  const { Parcel } = await import('@parcel/core');
  const bundler = new Parcel({
    entries: 'entries.js',
    defaultConfig: '@parcel/config-default',
    mode: 'production',
    shouldDisableCache: true,
    targets: { page: { distDir: folder, outputFormat: 'global', engines: { browsers: ['last 2 Chrome versions'] } } },
  });
  await bundler.run();
}

async function buildWithMetro(unstable_enablePackageExports) {
  const { default: metro } = await import('metro');
  const overrides = {
    projectRoot: process.cwd(),
    maxWorkers: 1,
    cacheStores: [],
    reporter: { update: () => undefined },
    resolver: { unstable_enablePackageExports },
    // In place of React Native's Babel preset.
    transformer: { getTransformOptions: async () => ({ transform: { experimentalImportSupport: true } }) },
  };
  const config = await metro.loadConfig({ resetCache: true }, overrides);
  await mkdir(folder, { recursive: true });
  await metro.runBuild(config, { entry: 'entries.js', out: `${folder}/entries.js`, dev: false, minify: false });
}

await tools[tool]();
// Parcel and Metro leave workers behind.
process.exit(0);
