import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { apiKey, apiSecret, type HostileScene, startServe } from './serve.ts';

const now = () => String(Math.floor(Date.now() / 1000));

/** The parameters of a call, signed as its sender wrote them. */
function signed(parameters: Readonly<Record<string, string>>): Record<string, string> {
  const all: Record<string, string> = { ...parameters, timestamp: now() };
  const text = Object.keys(all)
    .sort()
    .map((name) => `${name}=${all[name]}`)
    .join('&');
  const signature = createHash('sha1')
    .update(text + apiSecret)
    .digest('hex');
  return { ...all, api_key: apiKey, signature };
}

/** What an attacker does with the parameter of a signed call. The signature stays the same. */
const tricks: Readonly<Record<string, (name: string) => string>> = {
  'an index': (name) => `${name}[0]`,
  'another index': (name) => `${name}[7]`,
  'a key': (name) => `${name}[x]`,
  'a list in a list': (name) => `${name}[][]`,
  'a space': (name) => ` ${name}`,
  'a null character': (name) => `${name}\0`,
};

describe('a parameter of a signed call', () => {
  let scene: HostileScene;
  before(async () => {
    scene = await startServe();
  });
  after(() => scene.end());

  async function send(fields: Readonly<Record<string, string>>, as: 'form' | 'urlencoded' | 'json', content = 'bytes') {
    const url = `${scene.origin}/v1_1/demo/raw/upload`;
    const file = `data:,${content}`;
    if (as === 'form') {
      const body = new FormData();
      for (const [name, value] of Object.entries({ ...fields, file })) body.append(name, value);
      return fetch(url, { method: 'POST', body });
    }
    if (as === 'urlencoded') return fetch(url, { method: 'POST', body: new URLSearchParams({ ...fields, file }) });
    const headers = { 'content-type': 'application/json' };
    return fetch(url, { method: 'POST', headers, body: JSON.stringify({ ...fields, file }) });
  }

  for (const as of ['form', 'urlencoded', 'json'] as const) {
    for (const [trick, rename] of Object.entries(tricks)) {
      it(`cannot be dropped by ${trick} (${as})`, async () => {
        const { overwrite = '', ...others } = signed({ overwrite: 'false', public_id: `kept-${as}` });
        assert.equal((await send({ ...others, overwrite }, as)).status, 200);
        const tricked = await send({ ...others, [rename('overwrite')]: overwrite }, as, 'other');
        assert.ok(tricked.status === 400 || tricked.status === 401, `${tricked.status}`);
        const delivered = await fetch(`${scene.origin}/demo/raw/upload/kept-${as}`);
        assert.equal(await delivered.text(), 'bytes');
      });
    }

    it(`cannot be hidden in a name (${as})`, async () => {
      const { allowed_formats: formats = '', folder = '', ...others } = signed({ allowed_formats: 'jpg', folder: 'f' });
      const hidden = await send({ ...others, 'allowed_formats=jpg&folder': folder }, as);
      assert.equal(hidden.status, 400);
      assert.match((await hidden.json()).error.message, /^Invalid parameter name "allowed_formats=jpg&folder"/);
      assert.ok(formats);
    });
  }
});
