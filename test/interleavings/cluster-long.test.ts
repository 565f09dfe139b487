/** As `cluster.test.ts`, with more schedules. */
import { ciSchedules, defineClusterChecks } from './cluster-schedules.ts';

const isDeep = process.env['SAFELIGHT_DEEP'] === '1';

describe('a cluster, in many schedules', () => defineClusterChecks(isDeep ? 10 * ciSchedules : ciSchedules));
