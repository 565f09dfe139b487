import { fileURLToPath } from 'node:url';
import { mochaOptions } from './scripts/test/mocha-options.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
const inRoot = `${process.cwd()}/` === root;

export default {
  ...mochaOptions,
  spec: inRoot ? ['{packages/*/,examples/*/,}test/**/*.test.ts'] : ['test/**/*.test.ts'],
};
