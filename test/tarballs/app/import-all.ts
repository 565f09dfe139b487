import { createRequire } from 'node:module';

// Imports entries for browsers in plain Node, and prints their effects: new globals, and resources that stay active.
const entries = process.argv.slice(2);
// Names only: Node itself adds symbols at the first use of its Request.
const before = new Set(Object.getOwnPropertyNames(globalThis));
globalThis.fetch = () => Promise.reject(new Error('an import sent a request'));
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
