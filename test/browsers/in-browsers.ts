import assert from 'node:assert/strict';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import puppeteer, { type Browser, type BrowserContext, type Page } from 'puppeteer-core';
import { missingService } from '../servers/missing-service.ts';

export type BrowserName = 'Chromium' | 'Firefox';

export interface TestBrowser {
  readonly name: BrowserName;
  /** A page in a new context, so with its own cache. It is closed when the test has ended. */
  openPage(url: string): Promise<Page>;
  /** Another page in the context of a page: they share cache, storage and workers. */
  openBeside(page: Page, url: string): Promise<Page>;
}

interface BrowserKind {
  readonly name: BrowserName;
  readonly variable: string;
  readonly commands: readonly string[];
  launch(executablePath: string): Promise<Browser>;
}

const kinds: readonly BrowserKind[] = [
  {
    name: 'Chromium',
    variable: 'SAFELIGHT_CHROMIUM',
    commands: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
    launch: (executablePath) =>
      puppeteer.launch({
        browser: 'chrome',
        executablePath,
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      }),
  },
  {
    name: 'Firefox',
    variable: 'SAFELIGHT_FIREFOX',
    commands: ['firefox-esr', 'firefox'],
    launch: (executablePath) =>
      puppeteer.launch({
        browser: 'firefox',
        executablePath,
        extraPrefsFirefox: {
          'network.captive-portal-service.enabled': false,
          'network.connectivity-service.enabled': false,
          // While the disk is slow, Firefox sends a request although it has a cached response: one more than a test expects.
          'network.http.rcwn.enabled': false,
        },
      }),
  },
];

const running = new Map<BrowserName, Promise<Browser>>();

// All files of a run share one browser of each kind, because the start of a browser takes longer than most tests.
after('close the browsers', async function () {
  this.timeout(30_000);
  await Promise.all([...running.values()].map(async (browser) => (await browser).close()));
  running.clear();
});

// `pnpm test` runs each browser in its own process, at the same time.
const onlyBrowser = process.env['SAFELIGHT_BROWSER'];
const chosenKinds = kinds.filter(({ name }) => onlyBrowser === undefined || name === onlyBrowser);
assert.ok(
  chosenKinds.length > 0,
  `SAFELIGHT_BROWSER is ${onlyBrowser}; write ${kinds.map(({ name }) => name).join(' or ')}`,
);

/** Defines a suite once for each browser. A browser that is not installed is skipped by name; in CI that is a failure. */
export function inBrowsers(title: string, define: (browser: TestBrowser) => void): void {
  for (const kind of chosenKinds) {
    describe(`${title} (${kind.name})`, function () {
      this.timeout(60_000);
      const executable = executableOf(kind);
      if (executable === undefined) {
        const what = `${kind.name} is not installed; install ${kind.commands[0]} or set ${kind.variable}`;
        return missingService(what);
      }
      const contexts = new Set<BrowserContext>();
      const open = async (context: BrowserContext, url: string): Promise<Page> => {
        const page = await context.newPage();
        await page.goto(url);
        return page;
      };
      before(async () => {
        if (!running.has(kind.name)) running.set(kind.name, kind.launch(executable));
        await running.get(kind.name);
      });
      afterEach(async () => {
        await Promise.all([...contexts].map((context) => context.close()));
        contexts.clear();
      });
      define({
        name: kind.name,
        async openPage(url) {
          const browser = await running.get(kind.name);
          assert.ok(browser, 'openPage is for tests and their hooks');
          const context = await browser.createBrowserContext();
          contexts.add(context);
          return open(context, url);
        },
        openBeside: (page, url) => open(page.browserContext(), url),
      });
    });
  }
}

function executableOf({ variable, commands }: BrowserKind): string | undefined {
  const given = process.env[variable];
  if (given) return given;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return commands.flatMap((command) => folders.map((folder) => join(folder, command))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
