import assert from 'node:assert/strict';
import type { FlowName } from '../../scripts/trace/flow.ts';
import { type TracedFlow, traceFlows } from '../../scripts/trace-flows.ts';

/**
 * The number of files in one warm request, and of hops: entries into a function of another file than the function before.
 * A flow with more hands a request on too often: merge such files, or give the reason here.
 */
const limits: Readonly<Partial<Record<FlowName, { readonly maxFiles: number; readonly maxHops: number }>>> = {
  // Four of the files say with which requests this one may share: identify-target, asset-from-path, request-variant and
  // may-lead.
  // A run also remembers how many targets were forgotten before it (forget).
  guard: { maxFiles: 22, maxHops: 57 },
  'cache-hit': { maxFiles: 29, maxHops: 51 },
  'cloud-hit': { maxFiles: 18, maxHops: 35 },
  // The aim was 30 files. Of these 58, 11 are those of originals, 4 those of HTTP in every response, 5 read the body while it
  // arrives, 7 send the picture to another process, 2 release the requests that wait for a run from before,
  // one ends what other processes were told (announcements), and
  // one takes the record of what was published, which other processes may need (call-progress). Each chunk of
  // the body passes through the readers, which makes most of the hops; the picture is sent twice, for its header and for its
  // pixels.
  upload: { maxFiles: 58, maxHops: 182 },
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
      const flow = flows.find((traced) => traced.flow === name);
      assert.ok(flow !== undefined);
      assert.ok(flow.files.length <= maxFiles, `${flow.files.length} files:\n${flow.files.join('\n')}`);
      assert.ok(flow.hops <= maxHops, `${flow.hops} hops; node scripts/trace-flows.ts --list ${name} shows them`);
    });
  }
});
