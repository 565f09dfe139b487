import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { png } from '../../packages/cloud/test/upload-api/png.ts';
import { apiKey, apiSecret, basic, startToolServer, type ToolServer } from './tool-server.ts';

interface Part {
  readonly name: string;
  readonly value?: string;
  readonly filename?: string;
  readonly type?: string;
  readonly bytes?: number;
}

/** A request that an official tool has sent. Signatures, keys and hosts are left out. */
interface Recorded {
  readonly label: string;
  readonly method: string;
  readonly path: string;
  readonly multipart?: readonly Part[];
  readonly signed?: true;
  readonly json?: unknown;
  readonly urlencoded?: string;
  /** The status that the tool needs. */
  readonly status: number;
}

interface Replayed {
  readonly request: Recorded;
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the assertions check the members
  readonly body: any;
}

interface Found {
  readonly asset_id: string;
  readonly public_id: string;
  readonly tags: readonly string[];
}

async function recorded(tool: string): Promise<readonly Recorded[]> {
  const text = await readFile(new URL(`recorded/${tool}.jsonl`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Recorded);
}

/** The content of an uploaded file. It depends on the name, so that different files have different digests. */
function contentOf({ filename = '', type, bytes = 0 }: Part): Buffer<ArrayBuffer> {
  if (type?.startsWith('image/')) return png(filename.length + 5, 20);
  return Buffer.from(`content of ${filename}`.slice(0, bytes));
}

function signature(fields: readonly (readonly [string, string])[]): string {
  const joined = new Map<string, string>();
  for (const [name, value] of fields) {
    const bare = name.replace('[]', '');
    joined.set(bare, joined.has(bare) ? `${joined.get(bare)},${value}` : value);
  }
  const text = [...joined]
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('&');
  return createHash('sha1')
    .update(text + apiSecret)
    .digest('hex');
}

/** The body as the tool had sent it, with a new timestamp and signature. */
function formOf({ multipart = [], signed }: Recorded, source: string): FormData {
  const form = new FormData();
  const texts = multipart.filter((part) => part.name !== 'file').map((part) => [part.name, part.value ?? ''] as const);
  const times = signed ? [['timestamp', String(Math.floor(Date.now() / 1000))] as const] : [];
  for (const [name, value] of [...texts, ...times]) form.append(name, value);
  if (signed) {
    form.append('api_key', apiKey);
    form.append('signature', signature([...texts, ...times].filter(([, value]) => value !== '')));
  }
  for (const part of multipart.filter(({ name }) => name === 'file')) {
    if (part.value !== undefined) form.append('file', part.value.replace('{source}', source));
    else form.append('file', new Blob([contentOf(part)], { type: part.type ?? '' }), part.filename);
  }
  return form;
}

async function send(request: Recorded, origin: string, source: string): Promise<Replayed> {
  const { method, path, multipart, signed, json, urlencoded } = request;
  const isUnsigned = multipart?.some(({ name }) => name === 'upload_preset') === true;
  const headers: Record<string, string> = {
    ...(signed || isUnsigned || !path.startsWith('/v1_1/') ? {} : { authorization: basic }),
    ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    ...(urlencoded === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
  };
  const body = multipart ? formOf(request, source) : json === undefined ? urlencoded : JSON.stringify(json);
  const response = await fetch(origin + path, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return { request, status: response.status, body: isJson ? JSON.parse(text) : text };
}

describe('the recorded requests of official tools', function () {
  this.timeout(30_000);
  let source: ToolServer;
  let server: ToolServer;
  let picture = '';

  beforeEach(async () => {
    source = await startToolServer();
    picture = `${source.origin}/demo/image/upload/sample.png`;
    const form = new FormData();
    form.append('public_id', 'sample');
    form.append('file', new Blob([png(30, 20)]), 'sample.png');
    const headers = { authorization: basic };
    const uploaded = await fetch(`${source.origin}/v1_1/demo/image/upload`, { method: 'POST', headers, body: form });
    assert.equal(uploaded.status, 200);
    const hosts = [new URL(source.origin).host];
    server = await startToolServer({
      remoteFiles: { hosts, privateAddresses: ['127.0.0.1'] },
      uploadPresets: ['quickstart', 'p'],
    });
  });
  afterEach(async () => {
    await server.close();
    await source.close();
    assert.deepEqual(server.said, []);
  });

  /** Sends all requests of a tool, one after the other, and checks the statuses. */
  async function replay(tool: string): Promise<readonly Replayed[]> {
    const replayed: Replayed[] = [];
    for (const request of await recorded(tool)) replayed.push(await send(request, server.origin, picture));
    const line = ({ request, status, body }: Replayed, expected: number) =>
      `${request.label}: ${expected}${status === expected ? '' : ` ${status} ${JSON.stringify(body)}`}`;
    assert.deepEqual(
      replayed.map((one) => line(one, one.request.status)),
      replayed.map(({ request }) => `${request.label}: ${request.status}`),
    );
    for (const { request, status, body } of replayed) {
      if (request.path.startsWith('/v1_1/') && status >= 400) assert.match(body.error.message, /\S/, request.label);
    }
    return replayed;
  }

  const bodyOf = (replayed: readonly Replayed[], label: string) =>
    (replayed.find(({ request }) => request.label === label) ?? assert.fail(label)).body;

  it('work for the CLI', async () => {
    const replayed = await replay('cli');
    assert.deepEqual(bodyOf(replayed, 'add_tag'), { public_ids: ['cl/a'] });
    assert.deepEqual(bodyOf(replayed, 'add_context'), { public_ids: ['cl/a'] });
    assert.deepEqual(bodyOf(replayed, 'admin resources_by_ids').resources.length, 1);
    assert.deepEqual(bodyOf(replayed, 'admin delete_resources').deleted, { 'cl/zzz': 'not_found' });
    assert.deepEqual(bodyOf(replayed, 'admin delete_derived_resources').deleted, { abc: 'not_found' });
    assert.deepEqual(bodyOf(replayed, 'admin update').tags, ['z']);
    assert.deepEqual(bodyOf(replayed, 'upload_dir'), { cloud_name: 'demo', settings: { folder_mode: 'fixed' } });
    const found = new Map(bodyOf(replayed, 'search').resources.map((one: Found) => [one.public_id, one.tags]));
    assert.deepEqual(
      found,
      new Map([
        ['cl/remote', []],
        ['cl/a', ['z']],
      ]),
    );
    assert.equal(bodyOf(replayed, 'search').total_count, 2);
    const deleted = replayed.filter(
      ({ request }) => request.label === 'sync push (fixed, root)' && request.method === 'DELETE',
    );
    for (const { request, body } of deleted) {
      const { public_ids: ids } = request.json as { readonly public_ids: readonly string[] };
      assert.deepEqual(Object.keys(body.deleted), ids);
    }
    assert.deepEqual(
      bodyOf(replayed, 'migrate').error.message,
      'GET upload_mappings is not offered here. Upload each file with its URL as file.',
    );
  });

  it('work for a pull of the CLI, which gets each file back as it was', async () => {
    const replayed = await replay('sync-pull');
    const uploads = replayed.filter(({ request }) => request.path.endsWith('/auto/upload'));
    assert.equal(replayed.find(({ request }) => request.path.endsWith('/folders/search'))?.body.total_count, 0);
    const { resources } = replayed.at(-1)?.body ?? {};
    assert.equal(resources.length, uploads.length);
    assert.equal(replayed.at(-2)?.body.total_count, 1);
    // Newer versions of the CLI also ask for the status.
    for (const status of ['active', '(active OR pending)', '(active OR inactive OR pending)']) {
      const json = {
        expression: `folder:"synced/*" AND status:${status}`,
        with_field: ['image_analysis'],
        max_results: 500,
      };
      const request = { label: status, method: 'POST', path: '/v1_1/demo/resources/search', json, status: 200 };
      assert.equal((await send(request, server.origin, '')).body.total_count, uploads.length, status);
    }
    for (const { request, body: uploaded } of uploads) {
      const sent = contentOf(request.multipart?.find(({ name }) => name === 'file') as Part);
      const found = resources.find((one: Found) => one.asset_id === uploaded.asset_id);
      for (const key of [
        'asset_id',
        'public_id',
        'type',
        'resource_type',
        'format',
        'etag',
        'created_at',
        'access_mode',
      ]) {
        assert.equal(typeof found[key], 'string', key);
      }
      for (const key of ['display_name', 'asset_folder']) assert.equal(typeof found[key], 'string', key);
      assert.equal(found.etag, createHash('md5').update(sent).digest('hex'));
      const { resource_type: type, public_id: id, format } = found;
      const file = await fetch(`${server.origin}/demo/${type}/upload/${id}${type === 'raw' ? '' : `.${format}`}`);
      assert.deepEqual([file.status, Buffer.from(await file.arrayBuffer())], [200, sent]);
    }
  });

  it('work for a clone of the CLI into Safelight', async () => {
    const [, b, a] = await replay('clone');
    assert.deepEqual([b?.body.public_id, a?.body.public_id], ['left/b', 'left/a']);
    assert.deepEqual([a?.body.tags, a?.body.context], [['x', 'y'], { custom: { alt: 'cat' } }]);
    assert.deepEqual([a?.body.display_name, a?.body.asset_folder, a?.body.width], ['a', 'left', 30]);
  });

  it('work for newman', async () => {
    const replayed = await replay('newman');
    assert.deepEqual(bodyOf(replayed, 'Delete Derived Resources (form body)').deleted, { abc: 'not_found' });
    assert.deepEqual(bodyOf(replayed, 'Update Resource').tags, ['q']);
    assert.deepEqual(bodyOf(replayed, 'Create Folder').path, 'new_test_folder');
    assert.deepEqual(bodyOf(replayed, 'Delete Folder').deleted, ['new_test_folder']);
    assert.deepEqual(bodyOf(replayed, 'Restore Resources'), { 'pm/zz': { error: 'no_backup' } });
  });
});
