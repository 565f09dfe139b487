import { fileURLToPath } from 'node:url';

/** Options of every run of mocha: with all files in one process, and with a process for each suite. */
export const mochaOptions = {
  // mocha resolves a relative path against its working directory.
  reporter: fileURLToPath(new URL('../mocha-reporter.ts', import.meta.url)),
  require: [fileURLToPath(new URL('fail-on-rejections.ts', import.meta.url))],
  'forbid-only': Boolean(process.env['CI']),
  timeout: 20_000,
};
