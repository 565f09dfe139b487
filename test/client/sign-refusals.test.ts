import assert from 'node:assert/strict';
import { signUpload } from '@safelight/client/sign';
import express from 'express';
import { type HttpSite, listen, siteOptions } from './sign-site.ts';
import { apiKey, apiSecret } from './sign-upload.ts';

const json = { 'content-type': 'application/json' };

/** A refusal of parameters: the parameters, the status, and the whole message. */
type Refused = readonly [parameters: unknown, status: number, message: string];

const bodyMessage = 'The body must be a JSON object with the parameters of the upload, or {}.';
const notSigned = (name: string) => `Parameter "${name}" is not signed here. Leave it out.`;
const refusedId = (publicId: string) =>
  `Parameter public_id is "${publicId}", which allow.publicId of signUpload() does not allow.`;

const refused: readonly Refused[] = [
  // Each parameter of the API that has no rule, and those that the server sets.
  ...[
    ...['folder', 'public_ids', 'public_ids[]', 'public_id[0]', 'from_public_id', 'to_public_id', 'type', 'context'],
    ...['transformation', 'format', 'use_filename', 'unique_filename', 'filename_override', 'public_id_prefix'],
    ...['invalidate', 'notification_url', 'eager_async', 'allowed_formats', 'access_control', 'command', 'metadata'],
    ...['timestamp', 'api_key', 'signature', 'file', 'cloud_name', 'resource_type', 'toString', 'public_id=x&tags'],
  ].map((name): Refused => [{ [name]: '1' }, 403, notSigned(name)]),
  [JSON.parse('{"__proto__":"1"}'), 403, notSigned('__proto__')],
  // IDs of others, and IDs that look like allowed ones.
  ...['cat', 'users/43/cat', 'users/42/cat/dog', 'x/users/42/cat', 'users/42/CAT'].map(
    (publicId): Refused => [{ public_id: publicId, overwrite: '0' }, 403, refusedId(publicId)],
  ),
  [
    { public_id: 'users/42/../43/cat', overwrite: '0' },
    400,
    'Parameter public_id cannot be used. The public ID contains the segment "..".',
  ],
  [
    { public_id: 'users/42/cat\n', overwrite: '0' },
    400,
    'Parameter "public_id" contains control characters or broken Unicode.',
  ],
  [
    { public_id: 'users/42/cat&tags=pet', overwrite: '0' },
    400,
    'Parameter public_id cannot be used. The public ID contains "&". These are not allowed: ? & # \\ % < > +',
  ],
  // Replacing an asset, in each spelling. An empty parameter is not signed, so it counts as absent.
  ...[{}, { overwrite: '1' }, { overwrite: 'true' }, { overwrite: '' }].flatMap((overwrite): readonly Refused[] =>
    [{ public_id: 'users/42/cat' }, { upload_preset: 'browser' }].map((named) => [
      { ...named, ...overwrite },
      403,
      'Parameter overwrite must be 0 here, so that no asset is replaced. Upload with overwrite: false, or allow it with allow.overwrite of signUpload().',
    ]),
  ),
  [{ overwrite: 'no' }, 400, 'Parameter overwrite must be 0 or 1.'],
  // Lists are refused for one value.
  [{ tags: 'pet,admin' }, 403, 'Parameter tags is "admin", which allow.tags of signUpload() does not allow.'],
  [{ tags: 'pet,' }, 403, 'Parameter tags is "", which allow.tags of signUpload() does not allow.'],
  [{ eager: 'c_fit,w_10|w_9' }, 403, 'Parameter eager is "w_9", which allow.eager of signUpload() does not allow.'],
  [
    { upload_preset: 'other', overwrite: '0' },
    403,
    'Parameter upload_preset is "other", which allow.uploadPreset of signUpload() does not allow.',
  ],
  [{ tags: ['pet'] }, 400, 'Parameter "tags" must be a text.'],
  [{ overwrite: false }, 400, 'Parameter "overwrite" must be a text.'],
  [[], 400, bodyMessage],
  [7, 400, bodyMessage],
  [null, 400, bodyMessage],
];

/** A signing route: the same requests are sent to it over HTTP and in the process. */
type Send = (init: RequestInit) => Promise<Response>;

for (const kind of ['Express', 'Express, after express.json()', 'a web function'] as const) {
  describe(`signUpload() as ${kind}`, () => {
    const sign = signUpload(siteOptions);
    let site: HttpSite;
    let send: Send;
    before(async () => {
      const app = express();
      const parsers = kind === 'Express' ? [] : [express.json({ strict: false, limit: '1mb' })];
      app.all('/sign', parsers, sign.express);
      site = await listen(app);
      send = (init) =>
        kind === 'a web function' ? sign(new Request('http://s/sign', init)) : fetch(`${site.origin}/sign`, init);
    });
    after(() => site.close());

    async function refusal(init: RequestInit): Promise<{ readonly status: number; readonly message: string }> {
      const response = await send({ method: 'POST', headers: json, ...init });
      assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
      assert.equal(response.headers.get('cache-control'), 'no-store');
      assert.equal(response.headers.get('access-control-allow-origin'), null);
      const body = (await response.json()) as { readonly error: { readonly message: string } };
      assert.deepEqual(Object.keys(body), ['error']);
      assert.deepEqual(Object.keys(body.error), ['message']);
      assert.doesNotMatch(body.error.message, new RegExp(apiSecret));
      return { status: response.status, message: body.error.message };
    }

    it(`refuses everything that is not allowed (${refused.length} bodies)`, async () => {
      for (const [parameters, status, message] of refused) {
        const body = JSON.stringify(parameters);
        assert.deepEqual(await refusal({ body }), { status, message }, body);
      }
    });

    it('signs what is allowed', async () => {
      for (const parameters of [
        {},
        { overwrite: '0' },
        { public_id: 'users/42/cat', overwrite: 'false', eager: 'c_fit,w_10|w_20/a_90' },
        { upload_preset: 'browser', overwrite: '0', tags: 'pet, pet,two words & more' },
      ]) {
        const response = await send({ method: 'POST', headers: json, body: JSON.stringify(parameters) });
        assert.equal(response.status, 200, JSON.stringify(parameters));
        assert.equal(response.headers.get('cache-control'), 'no-store');
        const { signature, timestamp, ...others } = await response.json();
        assert.deepEqual(others, { apiKey });
        assert.match(signature, /^[0-9a-f]{64}$/);
        assert.ok(Math.abs(Date.now() / 1000 - timestamp) < 60);
      }
    });

    it('refuses what a form or an image of another site can send', async () => {
      const body = JSON.stringify({});
      const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=b', 'text/json'];
      for (const type of [...types, 'text/plain;application/json', 'application/json-seq']) {
        const { status, message } = await refusal({ headers: { 'content-type': type }, body });
        assert.equal(status, 415, type);
        assert.equal(message, 'Send the parameters of the upload with Content-Type: application/json.');
      }
      assert.equal((await refusal({ headers: {}, body: new Blob([body]) })).status, 415);
      assert.equal(
        (await send({ method: 'POST', headers: { 'content-type': 'application/json;charset=UTF-8' }, body })).status,
        200,
      );
    });

    it('refuses every other method, also the preflight of another site', async () => {
      for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
        const response = await send({ method, ...(method === 'PUT' ? { headers: json, body: '{}' } : {}) });
        assert.equal(response.status, 405, method);
        assert.equal(response.headers.get('allow'), 'POST');
        assert.equal(response.headers.get('access-control-allow-headers'), null);
      }
    });

    it('reads at most 64 KiB', async () => {
      const bodyOf = (bytes: number) => JSON.stringify({ tags: '' }).replace('""', `"${'x'.repeat(bytes - 11)}"`);
      assert.equal(bodyOf(65_536).length, 65_536);
      // The largest body is read, and refused for its tag.
      assert.equal((await refusal({ body: bodyOf(65_536) })).status, 403);
      const message = 'The body is too large. At most 65536 bytes are accepted.';
      assert.deepEqual(await refusal({ body: bodyOf(65_537) }), { status: 413, message });
      // Without Content-Length, in pieces.
      const body = () => new Blob(Array.from({ length: 8 }, () => 'x'.repeat(10_000))).stream();
      if (kind !== 'Express, after express.json()') {
        assert.deepEqual(await refusal({ body: body(), duplex: 'half' } as RequestInit), { status: 413, message });
      }
      assert.equal((await send({ method: 'POST', headers: json, body: '{}' })).status, 200);
    });

    if (kind !== 'Express, after express.json()') {
      it('refuses a body that is not JSON, or that is empty', async () => {
        for (const body of ['public_id=cat', '{"tags":', new Uint8Array([0x22, 0xff, 0x22])]) {
          assert.deepEqual(await refusal({ body }), {
            status: 400,
            message: 'The body is not JSON. Send the parameters of the upload as a JSON object.',
          });
        }
        assert.deepEqual(await refusal({}), { status: 400, message: bodyMessage });
      });
    }
  });
}

describe('signUpload() without the option allow', () => {
  const sign = signUpload({ apiKey, apiSecret });
  const post = (parameters: object) =>
    sign(new Request('http://s/sign', { method: 'POST', headers: json, body: JSON.stringify(parameters) }));

  it('signs an upload without parameters', async () => {
    assert.equal((await post({})).status, 200);
  });

  const named: readonly (readonly [parameter: string, option: string, parameters: object])[] = [
    ['public_id', 'publicId', { public_id: 'cat', overwrite: '0' }],
    ['upload_preset', 'uploadPreset', { upload_preset: 'web', overwrite: '0' }],
    ['tags', 'tags', { tags: 'pet' }],
    ['eager', 'eager', { eager: 'w_10' }],
  ];
  for (const [parameter, option, parameters] of named) {
    it(`refuses ${parameter}, and names the option that allows it`, async () => {
      const response = await post(parameters);
      assert.equal(response.status, 403);
      assert.deepEqual(await response.json(), {
        error: {
          message: `Parameter ${parameter} is not allowed here. Leave it out, or allow it with allow.${option} of signUpload().`,
        },
      });
    });
  }
});
