/** The test files that run together in one process. */
export interface SuitePlan {
  readonly name: string;
  /** Globs, from the root of the repository. A file belongs to the first plan with a matching glob. */
  readonly patterns: readonly string[];
  /** One process for each browser, at the same time. */
  readonly isForBrowsers?: boolean;
}

/**
 * `pnpm test`: the suites in the order in which they start. The browsers come first: they take longest, and they mostly
 * wait, so the suites that run at the same time get most of the processors. The last plan has the rest of the files.
 */
export const testPlans: readonly SuitePlan[] = [
  { name: 'pages', patterns: ['test/browsers/**', 'examples/browser/**'], isForBrowsers: true },
  { name: 'the command', patterns: ['packages/cli/**'] },
  // These count the timers and measure the memory of their whole process.
  { name: 'leaks of cached responses', patterns: ['packages/express/test/cache/leaks.test.ts'] },
  { name: 'leaks of guarded handlers', patterns: ['packages/express/test/guard/leaks.test.ts'] },
  { name: 'a live application', patterns: ['test/fuzz/live.test.ts'] },
  { name: 'express', patterns: ['packages/express/**'] },
  { name: 'http', patterns: ['packages/http/**'] },
  { name: 'client', patterns: ['packages/client/**', 'test/client/**'] },
  { name: 'cloud', patterns: ['packages/cloud/**'] },
  { name: 'originals and stores', patterns: ['packages/{originals,stores}/**'] },
  { name: 'stories', patterns: ['test/story/**', 'test/interleavings/**'] },
  { name: 'everything else', patterns: ['**'] },
];

export interface CiPlan extends SuitePlan {
  /** The same tests run in `pnpm test` with fewer repetitions; here `SAFELIGHT_LONG` is set. */
  readonly isLongVersion?: boolean;
}

/** `pnpm test:ci`: the tests that are too long for `pnpm test` (five minutes on two cores), and why they can wait. */
export const ciPlans: readonly CiPlan[] = [
  // Send 128 MB at a time through servers with a small heap, several times. `pnpm test` tests the same steps with small
  // pictures; these tests add the memory.
  { name: 'large files', patterns: ['test/deep/**'] },
  // npm installs the packages as a release would publish them. It downloads their dependencies, and loads both processors
  // for a minute.
  { name: 'packed packages', patterns: ['test/tarballs/**'] },
  // Run each test for two versions of React in two browsers. `pnpm test` renders the components on a server.
  {
    name: 'pages with React',
    patterns: ['packages/client/test/react/**', 'examples/react/**', 'test/browsers/element-order.test.ts'],
    isForBrowsers: true,
  },
  // Decode 120 pictures of 12 megapixels. `pnpm test` has the previews of single pictures.
  { name: 'a page with many photos', patterns: ['test/browsers/preview-photos.test.ts'], isForBrowsers: true },
  // Send 10,000 to 100,000 random requests and URLs, five times as many as in `pnpm test`.
  {
    name: 'many random requests',
    patterns: [
      'packages/http/test/serve/random-ranges.test.ts',
      'packages/http/test/serve/conditional-requests.test.ts',
      'packages/express/test/presets/hostile-urls.test.ts',
      'packages/express/test/guard/random-ends.test.ts',
      'test/fuzz/{identify,live}.test.ts',
    ],
    isLongVersion: true,
  },
  // Kill a process before each of its calls of the file system, instead of before each seventh.
  {
    name: 'a kill at each step',
    patterns: ['packages/originals/test/facts-interleavings.test.ts'],
    isLongVersion: true,
  },
  // 500 broken pictures on one page, which may ask for 40 a second.
  {
    name: 'a page full of pictures',
    patterns: ['test/browsers/storm.test.ts'],
    isForBrowsers: true,
    isLongVersion: true,
  },
  // An index of 100,000 assets, 100 kills, and 100 random sequences of changes, which write to the disk for minutes.
  {
    name: 'the index of assets',
    patterns: ['packages/originals/test/asset-index/{kills,many-assets,random-queries}.test.ts'],
    isLongVersion: true,
  },
  // Use all supported compilers. `pnpm test` uses the oldest and the newest one.
  { name: 'all compilers', patterns: ['packages/client/test/types.test.ts'], isLongVersion: true },
];
