import assert from 'node:assert/strict';
import fc from 'fast-check';
import { takeToken } from '../../src/why/token-bucket.ts';

const rates = fc.record({ perSecond: fc.integer({ min: 1, max: 100 }), burst: fc.integer({ min: 1, max: 200 }) });

describe('takeToken', () => {
  it('never allows more calls than the burst and the rate since the start', () => {
    fc.assert(
      fc.property(rates, fc.array(fc.integer({ min: -1_000, max: 1_000 }), { maxLength: 300 }), (rate, pauses) => {
        let bucket = { tokens: rate.burst, countedAt: 0 };
        let now = 0;
        let forwardMs = 0;
        let given = 0;
        for (const pause of pauses) {
          now += pause;
          forwardMs += Math.max(0, pause);
          const taken = takeToken(bucket, now, rate);
          bucket = taken.bucket;
          if (taken.waitMs === 0) given += 1;
        }
        assert.ok(given <= rate.burst + (forwardMs / 1000) * rate.perSecond + 1e-6);
      }),
    );
  });

  it('allows a call after the returned waiting time', () => {
    fc.assert(
      fc.property(rates, fc.double({ min: 0, max: 0.999, noNaN: true }), (rate, tokens) => {
        const refused = takeToken({ tokens, countedAt: 1_000 }, 1_000, rate);
        assert.ok(refused.waitMs > 0);
        const later = Math.ceil(1_000 + refused.waitMs + 0.001);
        assert.equal(takeToken(refused.bucket, later, rate).waitMs, 0);
      }),
    );
  });
});
