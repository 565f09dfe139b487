import { fileURLToPath } from 'node:url';

/** What every run of mocha here has in common: all files in one process, and each suite in its own. */
export const mochaOptions = {
  // A relative path would be resolved against the folder that mocha was started in.
  reporter: fileURLToPath(new URL('../mocha-reporter.ts', import.meta.url)),
  'forbid-only': Boolean(process.env['CI']),
  timeout: 10_000,
};
