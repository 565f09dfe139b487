/**
 * Several processes share a store with leases, in random schedules: the guards are real, and a schedule orders all steps of
 * the calls. `cluster-long.test.ts` plays many more, and `cluster-faults.test.ts` checks that seeded faults are found.
 */
import { defineClusterChecks } from './cluster-schedules.ts';

describe('a cluster', () => defineClusterChecks(600));
