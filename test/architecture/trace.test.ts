import assert from 'node:assert/strict';
import type { FlowName } from '../../scripts/trace/flow.ts';
import { type TracedFlow, traceFlows } from '../../scripts/trace-flows.ts';

/**
 * How many files one warm request goes through, and how often the next function that it enters lies in another file. A
 * flow that needs more is a corridor: give its rooms to those that they belong to, or say here why it needs them.
 */
const limits: Readonly<Partial<Record<FlowName, { readonly maxFiles: number; readonly maxHops: number }>>> = {
  guard: { maxFiles: 14, maxHops: 40 },
  'cache-hit': { maxFiles: 24, maxHops: 45 },
  'cloud-hit': { maxFiles: 18, maxHops: 35 },
  // 30 files were the aim. Of these 34, 7 are the rooms of originals, and 4 those of HTTP that every response goes through.
  upload: { maxFiles: 34, maxHops: 85 },
};

// The hooks that trace modules do not find those of CommonJS in Node 22.
const canTrace = Number(process.versions.node.split('.', 1)[0]) >= 24;

(canTrace ? describe : describe.skip)('the path of a request', function () {
  this.timeout(60_000);

  let flows: readonly TracedFlow[];
  before(async () => {
    flows = await traceFlows(Object.keys(limits) as FlowName[]);
  });

  for (const [name, { maxFiles, maxHops }] of Object.entries(limits)) {
    it(`${name}: at most ${maxFiles} files and ${maxHops} hops`, () => {
      const flow = flows.find((one) => one.flow === name);
      assert.ok(flow !== undefined);
      assert.ok(flow.files.length <= maxFiles, `${flow.files.length} files:\n${flow.files.join('\n')}`);
      assert.ok(flow.hops <= maxHops, `${flow.hops} hops; node scripts/trace-flows.ts --list ${name} shows them`);
    });
  }
});
