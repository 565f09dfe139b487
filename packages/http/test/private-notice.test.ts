import assert from 'node:assert/strict';
import { createPrivateNotice } from '@safelight/http';

describe('createPrivateNotice', () => {
  it('reports once, and says what to do', () => {
    const errors: Error[] = [];
    const notice = createPrivateNotice((error) => errors.push(error as Error));
    assert.equal(errors.length, 0);
    for (let time = 0; time < 3; time += 1) notice();
    assert.equal(errors.length, 1);
    assert.match(String(errors[0]?.message), /Set-Cookie.*Mount the session .* after Safelight/s);
  });

  it('reports once for each notice', () => {
    const errors: unknown[] = [];
    for (let time = 0; time < 2; time += 1) createPrivateNotice((error) => errors.push(error))();
    assert.equal(errors.length, 2);
  });
});
