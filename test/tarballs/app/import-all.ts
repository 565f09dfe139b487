import { createRequire } from 'node:module';

// Imports entries that are meant for browsers in plain Node, and says what that has changed or kept busy.
const entries = process.argv.slice(2);
// By name: Node itself adds symbols, when somebody first looks at its Request.
const before = new Set(Object.getOwnPropertyNames(globalThis));
globalThis.fetch = () => Promise.reject(new Error('an import asked the network'));
const names: Record<string, readonly string[]> = {};
for (const entry of entries) names[entry] = Object.keys(await import(entry)).sort();

const require = createRequire(import.meta.url);
const required = entries.filter((entry) => Object.keys(require(entry)).sort().join() !== names[entry]?.join());
console.log(
  JSON.stringify({
    names,
    requiredDifferently: required,
    newGlobals: Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name)),
    busy: process
      .getActiveResourcesInfo()
      .filter((resource) => /Timeout|Immediate|Server|Socket|Worker/.test(resource)),
    hasDom: 'document' in globalThis || 'window' in globalThis,
  }),
);
