import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { uploadStringToSign } from '@safelight/protocol';
import fc from 'fast-check';
import { ApiError } from '../../src/upload-api/api-error.ts';
import {
  type AuthSettings,
  authenticate,
  hasBasicAuth,
  type Identity,
  isAdministrator,
  sign,
} from '../../src/upload-api/authenticate.ts';

const now = 1_719_307_544_000;
const settings: AuthSettings = {
  credentials: [{ apiKey: '1234', apiSecret: 'safelight-secret' }],
  presets: new Map([['quickstart', {}]]),
  clock: () => now,
};

function identify(fields: Readonly<Record<string, string>>, changes: Partial<AuthSettings> = {}): Identity {
  const call = { isBasic: false, fields: new Map(Object.entries(fields)), mayBeUnsigned: true };
  return authenticate(call, { ...settings, ...changes });
}

function refused(act: () => unknown, status: number, message: string | RegExp): void {
  assert.throws(act, (error: unknown) => {
    assert.ok(error instanceof ApiError);
    assert.equal(error.status, status);
    if (typeof message === 'string') assert.equal(error.message, message);
    else assert.match(error.message, message);
    assert.ok(!error.message.includes('safelight-secret'));
    return true;
  });
}

const upload = {
  eager: 'c_scale,w_100|c_fill,h_100,w_200/jpg',
  invalidate: '1',
  overwrite: '1',
  public_id: 'folder/x',
  tags: 'a,b',
  timestamp: '1719307544',
  api_key: '1234',
};
const notified = {
  from_public_id: 'a',
  notification_url: 'https://h.example/x?a=1&b=2',
  timestamp: '1719307544',
  to_public_id: 'b',
  api_key: '1234',
};

describe('authenticate', () => {
  const vectors: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['sha1', upload, 'deeecb7dbfdafebb121c7890babd4d33d29c8dd1'],
    ['sha256', upload, '030a67876f46fd3522a4afa1b9287e7958c677e02b90ff24feb509e13d762b1c'],
    ['version 1', notified, '0eadb88924f44589d7e9371610d7e219d85701ce'],
    ['version 2', notified, '66be9acaab2a834f1164ef7cc334aa673110b83e'],
    [
      'a list',
      { command: 'add', public_ids: 'a,b', tag: 't', timestamp: '1719307544', api_key: '1234' },
      '89c04b225f6620ad7fc571bffd39d73c2a18680e',
    ],
  ];
  for (const [name, fields, signature] of vectors) {
    it(`accepts a signature of ${name} as SDKs make it`, () => {
      assert.equal(identify({ ...fields, signature }).kind, 'key');
    });
  }

  it('ignores parameters that a signature does not cover', () => {
    const rest = { file: 'data:,x', cloud_name: 'demo', resource_type: 'image', folder: '' };
    assert.equal(identify({ ...upload, ...rest, signature: 'deeecb7dbfdafebb121c7890babd4d33d29c8dd1' }).kind, 'key');
  });

  it('refuses a signature with any one character changed', () => {
    const good = vectors.map(([, , signature]) => signature);
    fc.assert(
      fc.property(
        fc.constantFrom(...good),
        fc.nat(),
        fc.constantFrom(...'0123456789abcdefABCDEFxyz =\u0000é'),
        (text, at, to) => {
          const index = at % text.length;
          fc.pre(text[index] !== to);
          const signature = text.slice(0, index) + to + text.slice(index + 1);
          const fields = vectors.find(([, , known]) => known === text)?.[1] ?? {};
          refused(() => identify({ ...fields, signature }), 401, /^Invalid Signature /);
        },
      ),
    );
  });

  it('refuses a signature when any parameter is changed, added or left out', () => {
    const signature = 'deeecb7dbfdafebb121c7890babd4d33d29c8dd1';
    for (const change of [{ public_id: 'folder/y' }, { folder: 'z' }, { tags: '' }, { overwrite: '0' }]) {
      refused(() => identify({ ...upload, ...change, signature }), 401, /^Invalid Signature /);
    }
  });

  it('refuses a parameter that was moved into the value of another, which version 1 does not detect', () => {
    const signed = { context: 'a=b', overwrite: 'false', public_id: 'victim', timestamp: '1719307544' };
    const signature = sign(uploadStringToSign(signed, 2), 'safelight-secret', 'sha1');
    assert.equal(identify({ ...signed, api_key: '1234', signature }).kind, 'key');
    const moved = { context: 'a=b&overwrite=false', public_id: 'victim', timestamp: '1719307544' };
    refused(() => identify({ ...moved, api_key: '1234', signature }), 401, /^Invalid Signature /);
  });

  it('shows the string to sign, without the secret', () => {
    refused(
      () => identify({ public_id: 'x', timestamp: '1', api_key: '1234', signature: 'bad' }),
      401,
      "Invalid Signature bad. String to sign - 'public_id=x&timestamp=1'.",
    );
  });

  it('accepts a signature for one hour', () => {
    const call = { ...upload, signature: 'deeecb7dbfdafebb121c7890babd4d33d29c8dd1' };
    assert.equal(identify(call, { clock: () => now + 3_600_000 }).kind, 'key');
    refused(
      () => identify(call, { clock: () => now + 3_601_000 }),
      400,
      'Stale request - reported time is 2024-06-25 09:25:44 +0000 which is more than 1 hour ago',
    );
    refused(() => identify(call, { clock: () => now - 3_601_000 }), 400, /more than 1 hour ahead/);
  });

  it('refuses a malformed timestamp', () => {
    const fields = { timestamp: '-5', api_key: '1234' };
    const signature = sign('timestamp=-5', 'safelight-secret', 'sha1');
    refused(() => identify({ ...fields, signature }), 400, 'Invalid timestamp. Send Unix seconds.');
  });

  it('names an unknown key and a missing parameter', () => {
    refused(() => identify({ ...upload, api_key: '99', signature: 'x' }), 401, 'Unknown API key 99');
    refused(() => identify({ timestamp: '1', signature: 'x' }), 401, 'Missing required parameter - api_key');
    refused(() => identify({ api_key: '1234', signature: 'x' }), 401, 'Missing required parameter - timestamp');
  });

  it('refuses all signed calls when no key is configured', () => {
    const unconfigured = { credentials: [] };
    const signature = sign('timestamp=1719307544', '', 'sha1');
    refused(() => identify({ timestamp: '1719307544', api_key: '', signature }, unconfigured), 401, /api_key/);
    refused(
      () => identify({ timestamp: '1719307544', api_key: 'undefined', signature }, unconfigured),
      401,
      /no API key/,
    );
  });

  it('accepts an unsigned call only with a known preset', () => {
    assert.deepEqual(identify({ upload_preset: 'quickstart' }), {
      kind: 'preset',
      name: 'preset:quickstart',
      preset: {},
    });
    refused(() => identify({}), 400, 'Upload preset must be specified when using unsigned upload');
    for (const upload_preset of ['nope', '__proto__', 'constructor']) {
      refused(() => identify({ upload_preset }), 400, 'Upload preset not found');
    }
  });

  it('refuses an unsigned call of an operation that needs a signature', () => {
    const call = { isBasic: false, fields: new Map([['upload_preset', 'quickstart']]), mayBeUnsigned: false };
    refused(() => authenticate(call, settings), 401, 'Missing required parameter - signature');
  });
});

describe('hasBasicAuth', () => {
  const header = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

  it('accepts key and secret', () => assert.equal(hasBasicAuth(header('1234:safelight-secret'), settings), true));
  it('is false without a header', () => assert.equal(hasBasicAuth(undefined, settings), false));
  it('ignores other schemes', () => assert.equal(hasBasicAuth('Bearer abc', settings), false));
  it('names a wrong secret', () => refused(() => hasBasicAuth(header('1234:x'), settings), 401, 'api_secret mismatch'));
  it('names a wrong key', () => refused(() => hasBasicAuth(header('9:x'), settings), 401, 'Unknown API key 9'));
  it('refuses a header without a pair', () =>
    refused(() => hasBasicAuth('Basic', settings), 401, /API key and an API secret/));
});

describe('isAdministrator', () => {
  const cloud = { credentials: [{ apiKey: '1234', apiSecret: 'safelight-secret' }] };
  const sends = (authorization: string | undefined, of: Parameters<typeof isAdministrator>[1] = cloud) =>
    isAdministrator({ headers: { authorization } } as IncomingMessage, of);
  const header = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

  it('accepts key and secret, with the scheme in any case', () => {
    assert.ok(sends(header('1234:safelight-secret')));
    assert.ok(sends(header('1234:safelight-secret').replace('Basic ', 'basic  ')));
  });
  it('refuses all other headers', () => {
    for (const pair of ['1234:x', '9:safelight-secret', '1234', ':', '1234:safelight-secret:', '1234:']) {
      assert.equal(sends(header(pair)), false, pair);
    }
    for (const text of [
      undefined,
      '',
      'Basic',
      'Bearer abc',
      header('1234:safelight-secret').replace('Basic', 'Bearer'),
    ]) {
      assert.equal(sends(text), false, text);
    }
  });
  it('refuses all requests when no key is configured', () => {
    for (const pair of [':', 'undefined:undefined', '1234:safelight-secret'])
      assert.equal(sends(header(pair), { credentials: [] }), false);
  });
  it('accepts each of several pairs, and no key with the secret of another', () => {
    const several = { credentials: [...cloud.credentials, { apiKey: '5', apiSecret: 'new' }] };
    assert.deepEqual([sends(header('1234:safelight-secret'), several), sends(header('5:new'), several)], [true, true]);
    assert.deepEqual(
      [sends(header('1234:new'), several), sends(header('5:safelight-secret'), several)],
      [false, false],
    );
  });
});
