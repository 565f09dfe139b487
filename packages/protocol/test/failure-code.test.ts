import assert from 'node:assert/strict';
import { failureCodeOfStatus, failureKinds } from '@safelight/protocol';

const permanent = [400, 403, 404, 405, 410, 413, 414, 415, 422, 451, 501];
const transient = [500, 502, 503, 504];

describe('failureCodeOfStatus', () => {
  it('has a code for exactly the statuses that are held', () => {
    for (let status = 100; status <= 999; status++) {
      const code = failureCodeOfStatus(status);
      const held = code === undefined ? undefined : failureKinds[code].class;
      const expected = permanent.includes(status) ? 'permanent' : transient.includes(status) ? 'transient' : undefined;
      assert.equal(held, expected, `status ${status}`);
    }
  });

  it('gives a code with the same status', () => {
    for (const status of [...permanent, ...transient]) {
      const code = failureCodeOfStatus(status);
      assert.ok(code !== undefined);
      assert.equal(failureKinds[code].status, status);
    }
  });

  it('never concludes from a status alone that the original is missing', () => {
    for (let status = 100; status <= 599; status++) {
      const code = failureCodeOfStatus(status);
      assert.ok(code !== 'missing_original' && code !== 'missing_version');
    }
  });
});

describe('failureKinds', () => {
  for (const [code, kind] of Object.entries(failureKinds)) {
    it(`has a status and a title for ${code}`, () => {
      assert.ok(kind.status >= 400 && kind.status <= 599);
      assert.match(kind.title, /^[A-Z][ -~]{2,60}[^.]$/);
      const held = failureCodeOfStatus(kind.status) !== undefined;
      if (kind.class !== 'never') assert.ok(held, 'the status of a held class is held');
    });
  }
});
