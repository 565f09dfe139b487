import assert from 'node:assert/strict';
import { fieldText } from '@safelight/http';
import { madeAt } from '../../src/reuse/response-head.ts';
import { httpDate, now } from './responses.ts';

describe('the head of a response', () => {
  it('several lines of a field are one list (RFC 9110 section 5.3)', () => {
    assert.equal(fieldText({ vary: ['Accept', 'Origin'] }, 'vary'), 'Accept, Origin');
    assert.equal(fieldText({ vary: 'Accept' }, 'vary'), 'Accept');
    assert.equal(fieldText({ vary: '' }, 'vary'), '');
  });

  for (const name of ['vary', 'constructor', '__proto__', 'toString']) {
    it(`an absent field is undefined: ${name}`, () => assert.equal(fieldText({}, name), undefined));
  }

  it('its Date counts, or the second in which it was received (RFC 9110 section 6.6.1)', () => {
    assert.equal(madeAt({ headers: { date: httpDate(now - 60_000) } }, now), now - 60_000);
    assert.equal(madeAt({ headers: {} }, now + 999), now);
    assert.equal(madeAt({ headers: { date: 'yesterday' } }, now + 999), now);
  });
});
