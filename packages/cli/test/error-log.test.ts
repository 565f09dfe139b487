import assert from 'node:assert/strict';
import { createErrorLog } from '../src/error-log.ts';

function scene() {
  const lines: string[] = [];
  let now = 1_000_000;
  const log = createErrorLog({ write: (line) => void lines.push(line), clock: () => now, quietMs: 60_000 });
  function pass(ms: number): void {
    now += ms;
  }
  return { lines, log, pass };
}

describe('the error log', () => {
  it('writes the same message once a minute', () => {
    const { lines, log, pass } = scene();
    for (const ms of [0, 1, 59_998, 1, 1]) {
      pass(ms);
      log(new Error('the store is down'));
    }
    assert.deepEqual(lines, ['the store is down', 'the store is down']);
  });

  it('does not repeat a message, also when thousands of other messages come in between', () => {
    const { lines, log } = scene();
    for (let i = 0; i < 5000; i += 1) {
      log(new Error('the store is down'));
      log(new Error(`picture ${i} is broken`));
    }
    assert.equal(lines.filter((line) => line === 'the store is down').length, 1);
    assert.equal(lines.length, 5001);
  });
});
