import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
// A relative reporter path would resolve against the folder mocha was started in, so it is absolute.
const inRoot = `${process.cwd()}/` === root;

export default {
  spec: inRoot ? ['{packages/*/,examples/*/,}test/**/*.test.ts'] : ['test/**/*.test.ts'],
  reporter: `${root}scripts/mocha-reporter.ts`,
  'forbid-only': Boolean(process.env.CI),
  timeout: 10_000,
};
