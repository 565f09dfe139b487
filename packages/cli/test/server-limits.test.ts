import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { applyLimits, maxOpenFiles, serverLimits } from '../src/server-limits.ts';

describe('limits on connections', () => {
  it('leave files for pictures and libraries', () => {
    assert.equal(serverLimits(300).maxConnections, 66);
    assert.equal(serverLimits(1_024).maxConnections, 308);
    assert.equal(serverLimits(1_000_000).maxConnections, 10_000);
    assert.equal(serverLimits(64).maxConnections, 20);
    assert.ok(maxOpenFiles() >= 64);
  });

  it('are set on the server', () => {
    const server = createServer();
    applyLimits(server, serverLimits(300));
    const { maxConnections, headersTimeout, requestTimeout, keepAliveTimeout, timeout } = server;
    assert.deepEqual(
      [maxConnections, headersTimeout, requestTimeout, keepAliveTimeout, timeout],
      [66, 20_000, 1_800_000, 75_000, 120_000],
    );
  });
});
