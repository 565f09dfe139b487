import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { type ApplicationHeaders, applicationHeaders, besideApplication } from '../src/application-headers.ts';
import { deliveryHeaders } from '../src/delivery-headers.ts';

/** What the application has set, as it is read from a response. */
function on(fields: Readonly<Record<string, string | string[]>>): ApplicationHeaders | undefined {
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  for (const [name, value] of Object.entries(fields)) res.setHeader(name, value);
  return applicationHeaders(res);
}

function beside(
  fields: Readonly<Record<string, string | string[]>>,
  headers: Readonly<Record<string, string>>,
  madeBy?: 'handler',
) {
  const application = on(fields);
  assert.ok(application !== undefined, 'it decides about nothing');
  return besideApplication(application, headers, madeBy);
}

const api = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'Retry-After' };
const page = 'https://page.example';

describe('application headers', () => {
  it('what decides about nothing of ours is not read', () => {
    assert.equal(on({}), undefined);
    assert.equal(on({ 'X-Powered-By': 'Express', 'Content-Security-Policy': "default-src 'self'" }), undefined);
    assert.deepEqual(on({ 'Set-Cookie': ['a=1'] }), { names: ['set-cookie'], vary: undefined, hasCookie: true });
  });

  it('headers of which all may go are the very object', () => {
    assert.equal(beside({ 'Set-Cookie': 'a=1', Vary: 'Accept-Language' }, api), api);
    const silent = { 'Content-Length': '0' };
    assert.equal(beside({ Vary: 'Origin', 'Access-Control-Allow-Origin': page }, silent), silent);
  });

  it('an origin that is allowed stays, with the names of headers that the application has not set', () => {
    const allowed = { 'access-control-allow-origin': page };
    assert.deepEqual(beside(allowed, api), { 'Access-Control-Expose-Headers': 'Retry-After' });
    assert.deepEqual(beside({ ...allowed, 'Access-Control-Expose-Headers': 'X-Mine' }, api), {});
  });

  for (const fields of [
    { Vary: 'Origin' },
    { Vary: 'accept, ORIGIN' },
    { Vary: ['Accept', 'origin'] },
    { Vary: '*' },
    { 'Access-Control-Allow-Credentials': 'true' },
    { 'Access-Control-Expose-Headers': 'X-Mine' },
  ]) {
    it(`${JSON.stringify(fields)} without an origin: nothing is added to CORS`, () => {
      assert.deepEqual(beside(fields, { ...api, 'Content-Length': '0' }), { 'Content-Length': '0' });
    });
  }

  it('a Vary that names no origin says nothing of CORS', () => {
    assert.deepEqual(beside({ Vary: 'X-Origin' }, { ...api, vary: 'Accept' }), { ...api, Vary: 'X-Origin, Accept' });
  });

  it('the other fields give way one by one', () => {
    for (const name of ['Cross-Origin-Resource-Policy', 'Timing-Allow-Origin', 'X-Content-Type-Options']) {
      const { [name]: _, ...rest } = deliveryHeaders;
      assert.deepEqual(beside({ [name.toLowerCase()]: 'theirs' }, deliveryHeaders), rest);
    }
    assert.deepEqual(beside({ 'x-request-id': 'theirs' }, { 'X-Request-Id': 'ours' }), {});
  });

  it('a handler decides itself which origins may read its response', () => {
    const own = { 'access-control-allow-origin': '*', 'x-request-id': 'its', vary: 'Accept' };
    assert.deepEqual(beside({ Vary: 'Origin', 'X-Request-Id': 'seven' }, own, 'handler'), {
      'access-control-allow-origin': '*',
      'x-request-id': 'its',
      Vary: 'Origin, Accept',
    });
    assert.deepEqual(
      beside({ 'Access-Control-Allow-Origin': page }, { 'access-control-allow-origin': '*' }, 'handler'),
      {},
    );
  });
});
