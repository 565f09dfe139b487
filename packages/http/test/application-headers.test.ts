import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { type ApplicationHeaders, applicationHeaders, besideApplication } from '../src/application-headers.ts';
import { deliveryHeaders } from '../src/delivery-headers.ts';

/** Reads the headers that the application has set on a response. */
function readFrom(fields: Readonly<Record<string, string | string[]>>): ApplicationHeaders | undefined {
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  for (const [name, value] of Object.entries(fields)) res.setHeader(name, value);
  return applicationHeaders(res);
}

function beside(
  fields: Readonly<Record<string, string | string[]>>,
  headers: Readonly<Record<string, string>>,
  madeBy?: 'handler',
) {
  const application = readFrom(fields);
  assert.ok(application !== undefined, 'no header affects ours');
  return besideApplication(application, headers, madeBy);
}

const api = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'Retry-After' };
const page = 'https://page.example';

describe('application headers', () => {
  it('headers that do not affect ours are not read', () => {
    assert.equal(readFrom({}), undefined);
    assert.equal(readFrom({ 'X-Powered-By': 'Express', 'Content-Security-Policy': "default-src 'self'" }), undefined);
    assert.deepEqual(readFrom({ 'Set-Cookie': ['a=1'] }), { names: ['set-cookie'], vary: undefined, hasCookie: true });
  });

  it('returns the same object when all headers may be sent', () => {
    assert.equal(beside({ 'Set-Cookie': 'a=1', Vary: 'Accept-Language' }, api), api);
    const silent = { 'Content-Length': '0' };
    assert.equal(beside({ Vary: 'Origin', 'Access-Control-Allow-Origin': page }, silent), silent);
  });

  it('an allowed origin stays, and fields that the application has not set are added', () => {
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
    it(`${JSON.stringify(fields)} without an origin: no CORS field is added`, () => {
      assert.deepEqual(beside(fields, { ...api, 'Content-Length': '0' }), { 'Content-Length': '0' });
    });
  }

  it('a Vary without Origin does not decide about CORS', () => {
    assert.deepEqual(beside({ Vary: 'X-Origin' }, { ...api, vary: 'Accept' }), { ...api, Vary: 'X-Origin, Accept' });
  });

  it('each of the other fields is left out when the application has set it', () => {
    for (const name of ['Cross-Origin-Resource-Policy', 'Timing-Allow-Origin', 'X-Content-Type-Options']) {
      const { [name]: _, ...rest } = deliveryHeaders;
      assert.deepEqual(beside({ [name.toLowerCase()]: 'theirs' }, deliveryHeaders), rest);
    }
    assert.deepEqual(beside({ 'x-request-id': 'theirs' }, { 'X-Request-Id': 'ours' }), {});
  });

  it('the handler decides which origins may read its response', () => {
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
