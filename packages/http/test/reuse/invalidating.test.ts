import assert from 'node:assert/strict';
import { isInvalidating } from '../../src/reuse/invalidating.ts';

describe('which answers say that something has changed (RFC 9111 section 4.4)', () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'PURGE', 'get']) {
    it(`${method}: those that are no errors`, () => {
      const statuses = [100, 199, 200, 204, 301, 304, 399, 400, 404, 500].filter((status) =>
        isInvalidating(method, status),
      );
      assert.deepEqual(statuses, [200, 204, 301, 304, 399]);
    });
  }

  for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE']) {
    it(`${method}: none`, () => assert.equal(isInvalidating(method, 200), false));
  }
});
