import assert from 'node:assert/strict';
import fc from 'fast-check';
import { adminOperations } from '../../packages/cloud/src/admin-api/operations.ts';
import { png } from '../../packages/cloud/test/upload-api/png.ts';
import { apiKey, apiSecret, type HostileScene, startServe, watchDelay } from './serve.ts';

const basic = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;
const assetId = '0'.repeat(32);

/** A legal value of each parameter that a path has, and of each that a call needs. */
const legal: Readonly<Record<string, string>> = {
  ...{ resource_type: 'image', type: 'upload', asset_id: assetId, public_id: 'missing', name: 'open', tag: 'missing' },
  ...{ path: 'missing', transformation: 'c_scale,w_9', key: 'missing', asset_ids: assetId, public_ids: 'missing' },
  ...{ derived_resource_ids: assetId, date: '2026-11-30' },
};

/** Texts that an attacker sends. */
const texts: Readonly<Record<string, string>> = {
  'another type': 'null',
  'a long text': 'x'.repeat(60_000),
  'a text that no body may have': 'x'.repeat(100_000),
  'a traversal': '../../../../etc/passwd',
  'an encoded traversal': '..%2f..%2fetc',
  'an injection': "' OR 1=1 --",
  'an end of the statement': "x'; DROP TABLE asset; --",
  'a pattern': '%_*?[a-z]',
  'a null character': 'a\0b',
  'a line break': 'a\r\nset-cookie: a=b',
  'a lone surrogate': '\ud800',
  'a name of Object': '__proto__',
  'a large number': '99999999999999999999',
  'a negative number': '-1',
  'a fraction': '1.5',
  'no number': 'NaN',
};

/** Values of other types, in a JSON body. */
const structures: Readonly<Record<string, unknown>> = {
  'an object': { a: { b: 1 } },
  'an object with the name of Object': JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":1}}'),
  'a list': ['a', 'b'],
  'a list of lists': [['a'], [['b']]],
  'a list of many': Array.from({ length: 3_000 }, (_, at) => `id${at}`),
  'a number': 1e308,
  'a boolean': true,
  'a nested structure': JSON.parse(`${'['.repeat(30)}${']'.repeat(30)}`),
};

interface Call {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly shape: readonly string[];
}

const calls: readonly Call[] = adminOperations.map(({ name, method, path, shape }) => ({
  ...{ name, method, path },
  shape: Object.keys(shape),
}));
const inPath = ({ path }: Call) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

describe('a hostile parameter of the Admin API', function () {
  this.timeout(120_000);
  let scene: HostileScene;
  let known = '';

  async function send(method: string, path: string, init: RequestInit = {}) {
    const headers = { authorization: basic, ...init.headers };
    const response = await fetch(`${scene.origin}/v1_1/demo/${path}`, { ...init, method, headers });
    const text = await response.text();
    return { status: response.status, text, headers: response.headers };
  }

  /** What an attacker must not change: the assets, the folders and the tags. */
  async function state(): Promise<string> {
    const paths = ['resources/image?tags=true&context=true&metadata=true', 'resources/raw?tags=true', 'folders'];
    const read = await Promise.all(paths.map((path) => send('GET', path)));
    return JSON.stringify(read.map(({ text }) => text));
  }

  before(async () => {
    scene = await startServe();
    const headers = { 'content-type': 'application/json' };
    for (const [type, file] of [
      ['raw', 'data:,kept'],
      ['image', `data:image/png;base64,${png(4, 3).toString('base64')}`],
    ]) {
      const body = JSON.stringify({ file, public_id: 'kept/kept', tags: 'kept', context: 'kept=yes' });
      assert.equal((await send('POST', `${type}/upload`, { body, headers })).status, 200);
    }
    known = await state();
  });
  after(() => scene.end());

  function pathOf({ path }: Call, name?: string, value?: string): string {
    return path.replace(/\{(\w+)\}/g, (_, parameter: string) =>
      encodeURIComponent(wellFormed((parameter === name ? value : legal[parameter]) ?? '')),
    );
  }

  function needed(call: Call, name: string): Readonly<Record<string, string>> {
    const required = call.shape.filter((one) => one !== name && !inPath(call).includes(one) && requires(call, one));
    const chosen = call.name === 'delete_resources' && !['prefix', 'all'].includes(name) ? ['public_ids'] : [];
    return Object.fromEntries(
      [...required, ...chosen.filter((one) => one !== name)].map((one) => [one, legal[one] ?? '']),
    );
  }

  /** The response is a success without harm, or an error that a caller can read. */
  function checkRefusal(name: string, { status, text }: { status: number; text: string }, what: string): void {
    assert.ok(status === 200 || (status >= 400 && status < 500), `${what}: ${status} ${text.slice(0, 300)}`);
    if (status === 200 || status === 404 || status === 431) return;
    const { message } = (JSON.parse(text) as { readonly error: { readonly message: string } }).error;
    assert.ok(isNamed(message, name), `${what}: ${message.slice(0, 300)}`);
    assert.ok(message.length < 1_500, `${what}: a message of ${message.length} characters`);
  }

  for (const call of calls) {
    const title = `${call.method} ${call.path}`;
    it(`is refused or harmless: ${title}`, async () => {
      for (const name of call.shape) {
        const others = needed(call, name);
        for (const [what, value] of Object.entries(texts)) {
          const label = `${name} is ${what}`;
          if (inPath(call).includes(name)) {
            if (value.length > 10_000) continue;
            // The path of another operation may be made; only the state counts then.
            const response = await send(call.method, `${pathOf(call, name, value)}${queryOf(others)}`);
            assert.ok(
              response.status === 200 || (response.status >= 400 && response.status < 500),
              `${label}: ${response.text}`,
            );
            assert.equal(response.headers.get('set-cookie'), null);
          } else if (call.method === 'GET') {
            const short = wellFormed(value.slice(0, 8_000));
            checkRefusal(name, await send('GET', `${pathOf(call)}${queryOf({ ...others, [name]: short })}`), label);
          } else {
            checkRefusal(name, await sendJson(call, { ...others, [name]: value }), label);
          }
          await undo(call);
        }
        if (inPath(call).includes(name)) continue;
        if (call.method === 'GET') {
          const doubled = await send('GET', `${pathOf(call)}${queryOf(others) || '?x='}&${name}=1&${name}=2`);
          assert.equal(doubled.status, 400, doubled.text);
          assert.match(doubled.text, new RegExp(name));
          continue;
        }
        for (const [what, value] of Object.entries(structures)) {
          // This deletes all assets, as it should.
          if (name === 'all' && value === true) continue;
          checkRefusal(name, await sendJson(call, { ...others, [name]: value }), `${name} is ${what}`);
          await undo(call);
        }
      }
      assert.equal(await state(), known);
    });
  }

  function sendJson(call: Call, fields: Readonly<Record<string, unknown>>) {
    const headers = { 'content-type': 'application/json' };
    return send(call.method, pathOf(call), { headers, body: JSON.stringify(fields) });
  }

  /** Folders that were created with legal names. */
  async function undo({ name }: Call): Promise<void> {
    if (name !== 'create_folder') return;
    const { folders } = JSON.parse((await send('GET', 'folders')).text) as { folders: readonly { path: string }[] };
    for (const { path } of folders) await send('DELETE', `folders/${encodeURIComponent(path)}`);
  }

  it('that is no parameter is refused, and is not part of the response as a whole', async () => {
    for (const call of calls) {
      const unknown = 'z'.repeat(90);
      const path = `${pathOf(call)}${queryOf({ ...needed(call, ''), [unknown]: 'value' })}`;
      const { status, text } = await send(call.method, path);
      assert.deepEqual(
        [status, text.includes(`Unknown parameter ${unknown}`)],
        [400, true],
        `${call.method} ${call.path}: ${text}`,
      );
    }
  });

  it('of any text neither ends the server nor holds it', async () => {
    const measure = await watchDelay(scene.origin);
    const pairs = calls.flatMap((call) => call.shape.map((name) => ({ call, name })));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...pairs),
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 300 }),
          fc.string({ unit: fc.constantFrom(...'"()*\\:=[]{} ANDORTO<>%_,|'), maxLength: 2_000 }),
          fc.json(),
        ),
        async ({ call, name }, value) => {
          const isInPath = inPath(call).includes(name);
          // These may create a folder, or delete all assets, as they should.
          if (call.name === 'create_folder' || name === 'all') return;
          const response = isInPath
            ? await send(call.method, `${pathOf(call, name, value)}${queryOf(needed(call, name))}`)
            : call.method === 'GET'
              ? await send('GET', `${pathOf(call)}${queryOf({ ...needed(call, name), [name]: wellFormed(value) })}`)
              : await sendJson(call, { ...needed(call, name), [name]: value });
          assert.ok(response.status === 200 || (response.status >= 400 && response.status < 500), response.text);
        },
      ),
      { numRuns: 300 },
    );
    assert.ok((await measure()) < 1_000);
    assert.equal(await state(), known);
    assert.doesNotMatch(scene.server.errors(), /Internal error|SqliteError|TypeError|SQLITE/);
  });
});

/** Without lone surrogates, which no URL can have. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

function queryOf(fields: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(fields).toString();
  return query === '' ? '' : `?${query}`;
}

function requires({ name, method, path }: Call, parameter: string): boolean {
  const operation = adminOperations.find((one) => one.name === name && one.method === method && one.path === path);
  const schema = operation?.shape[parameter] as
    | { safeParse(value: unknown): { readonly success: boolean } }
    | undefined;
  return schema?.safeParse(undefined).success === false;
}

/** Some messages name what a parameter holds. */
const otherNames: Readonly<Record<string, RegExp>> = {
  expression: /^Invalid expression/,
  sort_by: /^Invalid sort_by/,
  public_ids: /^Invalid public_id/,
  all: /public_ids, prefix and all/,
  prefix: /public_ids, prefix and all/,
};

/** The body is refused before its parameters are known. */
const ofTheBody = /^The JSON is nested too deeply|^The parameters have more than 65536 bytes/;

function isNamed(message: string, name: string): boolean {
  return message.includes(name) || otherNames[name]?.test(message) === true || ofTheBody.test(message);
}
