import assert from 'node:assert/strict';
import { createUploader, type SignUpload, signAt } from '@safelight/client/upload';
import ky from 'ky';
import { kyInProcess } from './ky-to.ts';
import { catResponse } from './recorded-responses.ts';
import { respondWithJson, startTestServer } from './upload-server.ts';

const url = 'https://site.example/sign';
const signature = { signature: 'f'.repeat(64), timestamp: 1_719_307_544, apiKey: '1234' };

const respondingWith = (body: BodyInit, init?: ResponseInit): SignUpload =>
  signAt(url, { ky: kyInProcess(async () => new Response(body, init)) });

describe('signAt()', () => {
  it('posts the parameters as JSON with your headers, and returns the signature alone', async () => {
    let seen: Request | undefined;
    const sign = signAt(new URL(url), {
      headers: async () => ({ authorization: 'Bearer me' }),
      ky: kyInProcess(async (request) => {
        seen = request;
        return Response.json({ ...signature, more: 'ignored' });
      }),
    });
    assert.deepEqual(await sign({ public_id: 'cat', overwrite: '0' }), signature);
    assert.deepEqual([seen?.method, seen?.url], ['POST', url]);
    assert.equal(seen?.headers.get('content-type'), 'application/json');
    assert.equal(seen?.headers.get('authorization'), 'Bearer me');
    assert.deepEqual(await seen?.json(), { public_id: 'cat', overwrite: '0' });
  });

  it('rejects with the message and the status of a refusal', async () => {
    const body = JSON.stringify({ error: { message: 'Parameter tags is not allowed here. Leave it out.' } });
    const refused = respondingWith(body, { status: 403, headers: { 'content-type': 'application/json' } });
    await assert.rejects(refused({}), {
      name: 'SafelightError',
      code: 'rejected',
      status: 403,
      retryable: false,
      message: /^POST https:\/\/site\.example\/sign failed with status 403: Parameter tags is not allowed here\./,
    });
  });

  const others: readonly (readonly [what: string, body: string, message: RegExp])[] = [
    ['the page of a login', '<!doctype html>', /^The response of .*is not JSON/],
    ['an empty object', '{}', /is not a signature\. Make this route with signUpload\(\)/],
    ['a timestamp as text', JSON.stringify({ ...signature, timestamp: '1' }), /is not a signature/],
    ['null', 'null', /is not a signature/],
  ];
  for (const [what, body, message] of others) {
    it(`rejects when the response is ${what}`, async () => {
      await assert.rejects(respondingWith(body)({}), { name: 'SafelightError', code: 'protocol', message });
    });
  }

  it('rejects when there is no response in time', async () => {
    const silent = kyInProcess(() => new Promise(() => {}));
    await assert.rejects(signAt(url, { ky: silent.extend({ timeout: 1 }) })({}), {
      name: 'SafelightError',
      code: 'network',
      retryable: true,
    });
  });

  it('is called again after a lost connection, so the upload is never sent without a signature', async () => {
    const server = await startTestServer((_request, res) => respondWithJson(res, catResponse));
    const gone = await startTestServer(() => {});
    await gone.close();
    let calls = 0;
    const sign = signAt(url, {
      ky: kyInProcess(async () => (++calls === 1 ? fetch(gone.origin) : Response.json(signature))),
    });
    const upload = createUploader({ endpoint: server.origin, cloudName: 'demo', sign, random: () => 0, ky });
    await upload(new Blob(['picture']));
    assert.equal(calls, 2);
    assert.deepEqual(
      server.requests.map(({ fields }) => fields.find(({ name }) => name === 'signature')?.value),
      [signature.signature],
    );
    await server.close();
  });

  it('refuses options that do not exist or cannot be used', () => {
    const untyped = signAt as (...args: readonly unknown[]) => unknown;
    assert.throws(() => untyped(url, { header: () => ({}) }), {
      name: 'TypeError',
      message: 'signAt() has no option "header". Did you mean headers?',
    });
    assert.throws(() => untyped(url, { headers: {} }), { message: /^headers is "\[object Object\]" \(object\)/ });
  });
});
