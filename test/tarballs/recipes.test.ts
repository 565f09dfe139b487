import assert from 'node:assert/strict';
import { mkdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import react from '@vitejs/plugin-react';
import vue from '@vitejs/plugin-vue';
import express from 'express';
import { build, type PluginOption } from 'vite';
import { root } from '../architecture/source-files.ts';
import { inBrowsers } from '../browsers/in-browsers.ts';
import { drawPicture, type Site, startSite } from '../browsers/site.ts';
import { installTarballs, type Project } from './installed.ts';
import { complaintsOf } from './shown-picture.ts';

interface Recipe {
  /** The heading in `docs/recipes.md`. */
  readonly title: string;
  /** Packages that the install line of the recipe names besides ours. */
  readonly packages: readonly string[];
  /** The start of the application, which every template of the framework has. `undefined`: the recipe has it. */
  readonly main: string | undefined;
  readonly plugins: readonly PluginOption[];
}

const recipes: readonly Recipe[] = [
  { title: 'Plain HTML', packages: [], main: undefined, plugins: [] },
  {
    title: 'React',
    packages: ['react', 'react-dom'],
    main: `import { StrictMode, createElement } from 'react';
      import { createRoot } from 'react-dom/client';
      import { App } from './app.tsx';
      createRoot(document.body.firstElementChild).render(createElement(StrictMode, null, createElement(App)));`,
    plugins: [react()],
  },
  {
    title: 'Vue',
    packages: ['vue'],
    main: `import { createApp } from 'vue'; import App from './app.vue'; createApp(App).mount(document.body.firstElementChild);`,
    plugins: [vue()],
  },
];

const page =
  '<!doctype html><html lang="en"><title>recipe</title><body><div></div><script type="module" src="/src/main.ts"></script></body></html>';

for (const recipe of recipes) {
  describe(`the recipe "${recipe.title}" in a new project`, () => {
    let project: Project;
    let site: Site;
    before(async function () {
      this.timeout(60_000);
      project = await installTarballs();
      const folder = recipe.main === undefined ? project.directory : join(project.directory, 'dist');
      site = await startSite({
        cloud: { uploadPresets: ['web'] },
        routes: (app) => void app.use(express.static(folder)),
      });
      await copyRecipe(recipe, project, site.origin);
      await Promise.all(recipe.packages.map((name) => link(name, project)));
      if (recipe.main === undefined) return;
      await build({
        root: project.directory,
        configFile: false,
        logLevel: 'silent',
        plugins: [...recipe.plugins],
        build: { rollupOptions: { input: join(project.directory, 'index.html') } },
      });
    });
    after(async () => {
      await site.close();
      await project.remove();
    });

    inBrowsers('uploads a file, with a progress bar, and shows the delivered picture', (browser) => {
      it('without an error', async () => {
        const path = join(project.directory, 'holiday.png');
        await writeFile(path, (await drawPicture({ width: 900, height: 600 })).bytes);
        const page = await browser.openPage(`${site.origin}/page`);
        const complaints = complaintsOf(page);
        await page.goto(`${site.origin}/index.html`);
        const input = await page.waitForSelector('input[type=file]');
        assert.ok(input);
        await input.uploadFile(path);
        const shown = await page.waitForFunction(() => {
          const { src = '', currentSrc = '', naturalWidth = 0, alt = '' } = document.querySelector('img') ?? {};
          return src.startsWith('http') && naturalWidth > 0 && { url: currentSrc, width: naturalWidth, alt };
        });
        const { url, width, alt } = (await shown.jsonValue()) || { url: '', width: 0, alt: '' };
        assert.match(url, /\/demo\/image\/upload\/.*\/v\d{10}\//);
        assert.ok(width === 300 || width === 600, `${width}`);
        assert.ok(['holiday.png', 'Your picture'].includes(alt), alt);
        const progress = await page.evaluate(() => {
          const { value, max } = document.querySelector('progress') ?? { value: 0, max: 0 };
          return { value, max };
        });
        assert.ok(progress.max > 1000 && progress.value === progress.max, JSON.stringify(progress));
        assert.deepEqual(complaints, []);
      });
    });
  });
}

/** Writes the files of a recipe into a project, with the origin of a real server. */
async function copyRecipe({ title, main }: Recipe, { directory }: Project, origin: string): Promise<void> {
  const text = await readFile(join(root, 'docs/recipes.md'), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? '';
  const files = [...section.matchAll(/^`([\w./-]+)`:\n\n```\w+\n(.*?)^```$/gms)];
  assert.equal(files.length, 1, `the section "${title}" has one file`);
  if (main !== undefined) files.push(['', 'src/main.ts', main] as never, ['', 'index.html', page] as never);
  for (const [, name = '', content = ''] of files) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), content.replaceAll('https://pictures.example', origin));
  }
}

/** Links a package of the client's own tests into a project. */
async function link(name: string, project: Project): Promise<void> {
  const manifest = createRequire(join(root, 'packages/client/package.json')).resolve(`${name}/package.json`);
  await symlink(await realpath(dirname(manifest)), project.packageFolder(name));
}
