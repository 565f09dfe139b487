/** Faults that a change could bring into the guard. The schedules must find each of them. */
import assert from 'node:assert/strict';
import { checkCluster, ciSchedules, clusterChecks } from './cluster-schedules.ts';
import { coreWith } from './core-with-change.ts';
import { seededFaults } from './seeded-faults.ts';

describe('the schedules of a cluster find a fault', function () {
  this.timeout(300_000);

  for (const { title, change, found, ...options } of seededFaults) {
    it(`${title}`, async () => {
      const create = change === undefined ? {} : { create: (await coreWith(change)).createGuard };
      const check = clusterChecks[found];
      // The seed is always the same, so that the test always has the same result.
      const numRuns = ciSchedules * check.share;
      const { failed } = await checkCluster(check, { numRuns, seed: 1, endOnFailure: true }, { ...options, ...create });
      assert.ok(failed, `no schedule of ${numRuns} has found the fault`);
    });
  }
});
