/** The test files that run together in one process. */
export interface SuitePlan {
  readonly name: string;
  /** Globs, from the root of the repository. A file belongs to the first plan with a matching glob. */
  readonly patterns: readonly string[];
  /** One process for each browser, at the same time. */
  readonly browsers?: readonly ('Chromium' | 'Firefox')[];
}

const both = ['Firefox', 'Chromium'] as const;
const pages = ['test/browsers/**', 'examples/browser/**'];

/**
 * `pnpm test`: the suites in the order in which they start. The browser comes first: it takes longest, and it mostly
 * waits, so the suites that run at the same time get most of the processors. The last plan has the rest of the files.
 */
export const testPlans: readonly SuitePlan[] = [
  { name: 'pages', patterns: pages, browsers: ['Chromium'] },
  { name: 'the command', patterns: ['packages/cli/**'] },
  // These wait for limits of time, so they start early.
  { name: 'attacks', patterns: ['test/{attacks,hostile}/**'] },
  { name: 'tools', patterns: ['test/{libraries,openapi,readme,tools}/**'] },
  // These count the timers and measure the memory of their whole process.
  { name: 'leaks of cached responses', patterns: ['packages/express/test/cache/leaks.test.ts'] },
  { name: 'leaks of guarded handlers', patterns: ['packages/express/test/guard/leaks.test.ts'] },
  { name: 'a live application', patterns: ['test/fuzz/live.test.ts'] },
  { name: 'express', patterns: ['packages/express/**'] },
  { name: 'http', patterns: ['packages/http/**'] },
  { name: 'client', patterns: ['packages/client/**', 'test/client/**'] },
  { name: 'cloud', patterns: ['packages/cloud/**'] },
  { name: 'originals and stores', patterns: ['packages/{originals,stores}/**'] },
  { name: 'object storage', patterns: ['packages/s3/**'] },
  { name: 'stories', patterns: ['test/story/**', 'test/interleavings/**'] },
  { name: 'everything else', patterns: ['**'] },
];

export interface CiPlan extends SuitePlan {
  /** Whether it has files of `pnpm test`, in the other browser. */
  readonly isOtherBrowser?: boolean;
  /**
   * Whether it has files of `pnpm test` with the cases that only this run has (`test/servers/cases-of-run.ts`). Without this
   * and `isOtherBrowser`, files run only here.
   */
  readonly isOtherCases?: boolean;
  /** Whether it measures memory or time, and so runs alone. */
  readonly isAlone?: boolean;
}

/**
 * `pnpm test:ci`: the tests that are too long for `pnpm test` (five minutes on two cores), and why they can wait. Longer
 * versions (`SAFELIGHT_LONG`) run only in `pnpm test:deep`.
 */
export const ciPlans: readonly CiPlan[] = [
  // Send 128 MB at a time through servers with a small heap, several times. `pnpm test` tests the same steps with small
  // pictures; these tests add the memory.
  { name: 'large files', patterns: ['test/deep/**'], isAlone: true },
  // Measure how long other requests wait, up to 50 ms. `pnpm test` reads bodies and fields of these kinds, without a clock
  // (`test/fuzz/linear-fields.test.ts`), and draws placeholders for many requests (`packages/cloud`).
  {
    name: 'the event loop under attack',
    patterns: ['test/hostile/{bodies,heads,placeholders}.test.ts'],
    isAlone: true,
  },
  // Causes faults for one minute, and measures how long requests take. `pnpm test` has the tests of its checks, and the outages
  // of Redis one by one.
  { name: 'servers with one Redis, and faults', patterns: ['test/chaos/chaos.test.ts'], isAlone: true },
  // npm installs the packages as a release would publish them. It downloads their dependencies, and loads both processors
  // for a minute.
  { name: 'packed packages', patterns: ['test/tarballs/**'] },
  // npm installs newman, which has 66 MB. `pnpm test` compares the OpenAPI document with responses, and the collection with the
  // document.
  { name: 'the Postman collection', patterns: ['test/postman/**'] },
  // Play 20,000 schedules, and look for seeded faults of the guard in more of them: about a minute each. `pnpm test` plays 600.
  { name: 'schedules of a cluster', patterns: ['test/interleavings/cluster-long.test.ts'] },
  { name: 'seeded faults of a cluster', patterns: ['test/interleavings/cluster-faults.test.ts'] },
  // Starts the official MCP server, a bundle of 3 MB, and its sanity runner. `pnpm test` sends similar requests by the official
  // SDK, and as recordings.
  { name: 'the official MCP server', patterns: ['test/tools/mcp.test.ts'] },
  // Send 480 bodies through nginx, 120 of them of 20 MB. `pnpm test` has refusals without a proxy (`test/hostile/refusals.test.ts`).
  { name: 'refusals behind nginx', patterns: ['test/hostile/refusals-behind-nginx.test.ts'] },
  // Wait for the limits of `safelight serve` on hostile servers. `pnpm test` fetches remote files in one process (`packages/cloud`).
  { name: 'hostile remote files', patterns: ['test/hostile/remote-files.test.ts'] },
  // Occupies all processors for half a minute. `pnpm test` has an endless picture in the pool of processes (`packages/sharp`).
  { name: 'an endless picture', patterns: ['test/hostile/endless-picture.test.ts'] },
  // Sends thousands of hostile values to all operations. `pnpm test` has a few for each kind of parameter (`packages/cloud`,
  // `test/openapi`).
  { name: 'hostile parameters', patterns: ['test/hostile/admin-parameters.test.ts'] },
  // Send 12 MB in parts, five times. `pnpm test` sends small parts, and uploads by this SDK in one request (`packages/cloud`).
  { name: 'large uploads of the Node SDK', patterns: ['packages/cloud/test/upload-api/sdk-large.test.ts'] },
  // Start and kill processes, dozens of times. `pnpm test` has the same steps in one process, with faults between them.
  {
    name: 'killed processes',
    patterns: [
      'packages/cloud/test/upload-api/parts-restart.test.ts',
      'packages/originals/test/{derivative-kills,processes}.test.ts',
      'packages/originals/test/asset-index/kills.test.ts',
    ],
  },
  // Compile all code in documents and comments, which changes rarely. `pnpm check` compiles all other code.
  { name: 'code in documents', patterns: ['test/readme/{examples,snippets}.test.ts'] },
  // Run each test for two versions of React. The hooks have no code for a certain browser. `pnpm test` renders the components
  // on a server.
  {
    name: 'pages with React',
    patterns: ['packages/client/test/react/**', 'examples/react/**', 'test/browsers/element-order.test.ts'],
    browsers: ['Chromium'],
  },
  // Start four processes of Python. `pnpm test` runs the suites on Ceph.
  { name: 'object storage of Swift', patterns: ['packages/s3/test/swift.test.ts'] },
  // Decode 120 pictures of 12 megapixels. `pnpm test` has the previews of single pictures.
  {
    name: 'a page with many photos',
    patterns: ['test/browsers/preview-photos.test.ts'],
    browsers: both,
    isAlone: true,
  },
  // Chromium takes as much of the processors as all pages of `pnpm test` do. That has a file for each entry of the client, and
  // pages that upload, heal, resume and explain; here are further ways to fail, and the example.
  {
    name: 'more pages',
    patterns: [
      'examples/browser/**',
      'test/browsers/{heal-odd,heal-reuse,heal-server,heal-sleep,polling,storm}.test.ts',
      'test/browsers/upload-{abort,clocks,errors,origins,parts,refused}.test.ts',
    ],
    browsers: both,
  },
  // `pnpm test` has its pages in Chromium.
  { name: 'pages', patterns: pages, browsers: ['Firefox'], isOtherBrowser: true },
  // Have more repetitions, and Express 4, Connect, node:http and HTTP/2, where `pnpm test` has Express 5. A guard knows no
  // framework, so most faults are seen in each of them.
  {
    name: 'leaks in other frameworks',
    patterns: ['packages/express/test/cache/leaks.test.ts'],
    isOtherCases: true,
  },
  {
    name: 'leaks of guarded handlers in other frameworks',
    patterns: ['packages/express/test/guard/leaks.test.ts'],
    isOtherCases: true,
  },
  { name: 'a live application under more URLs', patterns: ['test/fuzz/live.test.ts'], isOtherCases: true },
  { name: 'other frameworks', patterns: ['packages/**'], isOtherCases: true },
  { name: 'attacks in other frameworks, and more repetitions', patterns: ['**'], isOtherCases: true },
];
