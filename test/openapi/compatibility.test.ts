import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { v2 } from 'cloudinary';
import { cloudinaryCalls } from '../../scripts/compatibility/calls.ts';
import {
  callRefusal,
  exampleOf,
  type OperationVerdict,
  operationVerdicts,
} from '../../scripts/compatibility/verdicts.ts';
import { type ApiReply, type ApiSite, onePixel, startApiSite } from './api-site.ts';

type SdkFunctions = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
const sdk = v2 as unknown as Readonly<Record<'api' | 'uploader' | 'utils', SdkFunctions>>;
/** The functions of `api` before they are wrapped, so that their code can be read. */
const plainApi: SdkFunctions = createRequire(createRequire(import.meta.url).resolve('cloudinary'))('./lib/api.js');

/** Parameters that say which call it is, or sign it. */
const ofEveryCall = new Set(['api_key', 'timestamp', 'signature']);

describe('docs/compatibility.md', () => {
  let site: ApiSite;
  let assetId: string;
  const verdicts = operationVerdicts();

  before(async () => {
    site = await startApiSite();
    await restore();
  });
  after(() => site.close());

  async function restore(): Promise<void> {
    const { status, body } = await site.call('POST', 'image/upload', {
      file: onePixel,
      public_id: 'example',
      tags: 'a',
    });
    assert.equal(status, 200);
    assetId = body.asset_id;
    await site.call('POST', 'folders/example', {});
  }

  it('has each method of the Node SDK', () => {
    const names = (kind: 'api' | 'uploader') => cloudinaryCalls.flatMap((call) => call[kind] ?? []).sort();
    assert.deepEqual(names('api'), Object.keys(sdk.api).sort());
    assert.deepEqual(names('uploader'), Object.keys(sdk.uploader).sort());
  });

  it('has each tool of the MCP server', async () => {
    const file = new URL('../../node_modules/@cloudinary/asset-management-mcp/src/tool-names.ts', import.meta.url);
    const names = [...(await readFile(file, 'utf8')).matchAll(/"name": "([\w-]+)"/g)].map(([, name]) => name);
    // The page names this one in a sentence, since it sends no request.
    const others = ['get-tx-reference'];
    assert.deepEqual([...cloudinaryCalls.flatMap(({ mcp = [] }) => mcp), ...others].sort(), names.sort());
  });

  it('has each parameter that the Node SDK sends', () => {
    const known = (request: string) => {
      const found = verdicts.find((one) => one.request === request);
      return [...(found?.supported ?? []), ...Object.keys({ ...found?.refused, ...found?.ignored })];
    };
    const unknown = [...cloudinaryCalls].flatMap(({ request, api = [] }) => {
      if (callRefusal(request) !== undefined) return [];
      const sent = api.flatMap((name) => [
        ...String(plainApi[name]).matchAll(/pickOnlyExistingValues\(\w+, ([^)]*)\)/g),
      ]);
      const names = sent.flatMap(([, list = '']) => [...list.matchAll(/["'](\w+)["']/g)].map(([, one = '']) => one));
      return names.filter((name) => !known(request).includes(name)).map((name) => `${request} ${name}`);
    });
    const ofUploads = Object.keys(Object(sdk.utils['build_upload_params']?.(everyOption))).filter(
      (name) => !ofEveryCall.has(name),
    );
    assert.ok(ofUploads.length > 60, String(ofUploads.length));
    for (const name of ['upload', 'explicit']) {
      const request = `POST {resource_type}/${name}`;
      unknown.push(...ofUploads.filter((one) => !known(request).includes(one)).map((one) => `${request} ${one}`));
    }
    assert.deepEqual(unknown, []);
  });

  it('has a parameter in one place only, and a reason for each that is not supported', () => {
    for (const { name, supported, refused, ignored } of verdicts) {
      const all = [...supported, ...Object.keys(refused), ...Object.keys(ignored)];
      assert.equal(new Set(all).size, all.length, name);
      for (const reason of Object.values({ ...refused, ...ignored })) assert.match(reason, /\.$/, name);
    }
  });

  it('is right about the calls that are refused', async () => {
    let refused = 0;
    for (const { request } of cloudinaryCalls) {
      const verdict = callRefusal(request);
      if (verdict === undefined) continue;
      const { method, target } = exampleOf(request);
      const reply = await send(method, target, {});
      assert.equal(reply.status, 400, request);
      assert.equal(reply.body.error.message, verdict);
      refused += 1;
    }
    assert.ok(refused > 30);
  });

  it('is right about the parameters that are refused', async () => {
    let sent = 0;
    for (const verdict of verdicts) {
      for (const [name, reason] of Object.entries(verdict.refused)) {
        const reply = await sendWith(verdict, { [name]: 'x' });
        assert.equal(reply.status, 400, `${verdict.name} ${name}`);
        const { message } = reply.body.error;
        assert.ok(
          message.startsWith(`Parameter ${name} is not offered here. ${reason}`),
          `${verdict.name}: ${message}`,
        );
        sent += 1;
      }
    }
    assert.ok(sent > 100);
  });

  it('is right about the parameters that are ignored', async () => {
    let sent = 0;
    for (const verdict of verdicts) {
      for (const [name, reason] of Object.entries(verdict.ignored)) {
        await restore();
        const reply = await sendWith(verdict, { [name]: name === 'upload_preset' ? 'quickstart' : '1' });
        assert.equal(reply.status, 200, `${verdict.name} ${name} (${reason}): ${JSON.stringify(reply.body)}`);
        sent += 1;
      }
    }
    assert.ok(sent > 30);
  });

  it('is right that a refused parameter may be off', async () => {
    for (const verdict of verdicts) {
      const [name] = Object.keys(verdict.refused);
      if (name === undefined) continue;
      await restore();
      for (const off of ['', 'false', '0']) {
        const reply = await sendWith(verdict, { [name]: off });
        assert.notEqual(reply.status, 401);
        assert.ok(!JSON.stringify(reply.body).includes('is not offered here'), `${verdict.name} ${name}=${off}`);
      }
    }
  });

  it('is right about unknown parameters', async () => {
    const { status } = await site.call('POST', 'image/explicit', { ...required['explicit'], unknown: 'x' });
    assert.equal(status, 200);
    const { body } = await site.call('GET', 'tags/image?prefx=a');
    assert.equal(body.error.message, 'Unknown parameter prefx. Do you mean prefix?');
  });

  function sendWith(verdict: OperationVerdict, more: Readonly<Record<string, string>>): Promise<ApiReply> {
    const { method, target } = exampleOf(verdict.request);
    return send(method, target.replace('a'.repeat(32), assetId), { ...required[verdict.name], ...more });
  }

  function send(method: string, target: string, values: Readonly<Record<string, string>>): Promise<ApiReply> {
    if (method !== 'GET' && method !== 'DELETE') return site.call(method, target, values);
    return site.call(method, `${target}?${new URLSearchParams(values)}`);
  }
});

/** The parameters that a call needs. */
const required: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  upload: { file: onePixel, public_id: 'example' },
  explicit: { public_id: 'example', type: 'upload' },
  rename: { from_public_id: 'example', to_public_id: 'other', overwrite: 'true' },
  destroy: { public_id: 'example' },
  destroy_by_asset_id: { asset_id: 'a'.repeat(32) },
  tags: { command: 'add', tag: 'a', public_ids: 'example' },
  context: { command: 'add', context: 'a=b', public_ids: 'example' },
  metadata: { metadata: 'a=b', public_ids: 'example' },
  resources_by_context: { key: 'a' },
  resources_by_asset_ids: { asset_ids: 'a'.repeat(32) },
  restore: { public_ids: 'example' },
  delete_resources: { public_ids: 'none' },
  delete_resources_by_asset_ids: { asset_ids: 'a'.repeat(32) },
  delete_derived_resources: { derived_resource_ids: 'none' },
};

/** The options of an upload that add a parameter only if they are given. */
const everyOption = Object.fromEntries(
  [
    ...['access_control', 'auto_tagging', 'background_removal', 'categorization', 'context', 'metadata', 'detection'],
    ...['custom_coordinates', 'face_coordinates', 'headers', 'notification_url', 'ocr', 'raw_convert', 'tags'],
    ...['similarity_search', 'unique_display_name', 'regions', 'auto_transcription'],
  ].map((name) => [name, name === 'access_control' ? [] : 'x']),
);
