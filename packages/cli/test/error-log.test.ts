import assert from 'node:assert/strict';
import { createErrorLog } from '../src/error-log.ts';

function scene() {
  const lines: string[] = [];
  let now = 1_000_000;
  const log = createErrorLog({ write: (line) => void lines.push(line), clock: () => now, quietMs: 60_000 });
  function wait(ms: number): void {
    now += ms;
  }
  return { lines, log, wait };
}

describe('the error log', () => {
  it('says the same thing once a minute', () => {
    const { lines, log, wait } = scene();
    for (const ms of [0, 1, 59_998, 1, 1]) {
      wait(ms);
      log(new Error('the store is down'));
    }
    assert.deepEqual(lines, ['the store is down', 'the store is down']);
  });

  it('stays quiet about an error that goes on, however many others come meanwhile', () => {
    const { lines, log } = scene();
    for (let i = 0; i < 5000; i += 1) {
      log(new Error('the store is down'));
      log(new Error(`picture ${i} is broken`));
    }
    assert.equal(lines.filter((line) => line === 'the store is down').length, 1);
    assert.equal(lines.length, 5001);
  });
});
