/** Which files run together in one process. */
export interface SuitePlan {
  readonly name: string;
  /** Globs, from the root of the repository. A file belongs to the first plan that has one for it. */
  readonly patterns: readonly string[];
  /** One process for each browser, at the same time. */
  readonly isForBrowsers?: boolean;
}

/**
 * `pnpm test`, in the order in which the suites start. The browsers come first: they take longest, and mostly wait, so that
 * the suites beside them have most of the processors. What no other plan has is in the last one.
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

/** `pnpm test:ci`: what would keep `pnpm test` from ending within five minutes on two cores, and why it can wait. */
export const ciPlans: readonly CiPlan[] = [
  // 128 MB at a time through servers with a small heap, several times over. The same steps are tested with small
  // pictures in `pnpm test`; here it is only their memory.
  { name: 'large files', patterns: ['test/deep/**'] },
  // npm installs what a release would publish. It fetches packages, and takes a minute of both processors.
  { name: 'packed packages', patterns: ['test/tarballs/**'] },
  // Random requests and URLs: 10,000 to 100,000 of them, five times as many as `pnpm test` tries.
  {
    name: 'many random requests',
    patterns: [
      'packages/http/test/serve/random-ranges.test.ts',
      'packages/express/test/presets/hostile-urls.test.ts',
      'test/fuzz/identify.test.ts',
    ],
    isLongVersion: true,
  },
  // The compilers between the oldest one and the newest one, which `pnpm test` tries.
  { name: 'all compilers', patterns: ['packages/client/test/types.test.ts'], isLongVersion: true },
];
