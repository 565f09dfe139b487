import assert from 'node:assert/strict';
import { defaultLadders } from '@safelight/protocol';
import { createMarkLifetimes, markTtlMs } from '../src/mark-lifetimes.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const defaults = { ladders: defaultLadders, minQuietMs: 10 * minuteMs, timeoutMs: 30_000 };

describe('the lives of marks', () => {
  it('a mark outlives each record under it by one run', () => {
    assert.equal(createMarkLifetimes(defaults).under(hourMs), hourMs + 30_000);
  });

  it('a mark that can be lengthened lives as long as the longest first failure', () => {
    const { minted } = createMarkLifetimes(defaults);
    assert.equal(minted({ canExtend: true, isCached: false }), 11 * minuteMs + 30_000);
    assert.equal(minted({ canExtend: true, isCached: true }), 11 * minuteMs + 30_000);
  });

  it('it lives for two runs at least', () => {
    const short = { firstMs: 1000, maxMs: 1000 };
    const ladders = { absence: short, missing_version: short, permanent: short, transient: short };
    const { minted } = createMarkLifetimes({ ladders, minQuietMs: 1, timeoutMs: hourMs });
    assert.equal(minted({ canExtend: true, isCached: false }), 2 * hourMs);
  });

  it('a mark that cannot be lengthened lives as long as the longest possible record', () => {
    const { minted } = createMarkLifetimes(defaults);
    assert.equal(minted({ canExtend: false, isCached: false }), 48 * hourMs + 30_000);
    assert.equal(minted({ canExtend: false, isCached: true }), markTtlMs + 30_000);
  });
});
