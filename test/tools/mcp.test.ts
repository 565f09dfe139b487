import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { png } from '../../packages/cloud/test/upload-api/png.ts';
import { documentedBlocks } from './documented.ts';
import { apiKey, apiSecret, basic, startToolServer, type ToolServer } from './tool-server.ts';

const packageRoot = dirname(
  fileURLToPath(import.meta.resolve('@cloudinary/asset-management-mcp/package.json', import.meta.url)),
);
const mcpFile = join(packageRoot, 'bin/mcp-server.js');
/** A picture that is large enough for the transformations of the sanity runner. */
const picture = png(640, 480);
const dataUri = `data:image/png;base64,${picture.toString('base64')}`;

/** The arguments of the MCP server, as docs/tools.md shows them. */
async function documentedArguments(origin: string): Promise<readonly string[]> {
  const [block = ''] = await documentedBlocks('MCP server', { origin, apiKey, apiSecret });
  const { mcpServers } = JSON.parse(block) as { mcpServers: { safelight: { args: readonly string[] } } };
  // The first two are those of npx.
  return mcpServers.safelight.args.slice(2);
}

/** The zod models of the package, by tool. It does not validate responses, so this test does. */
const models: Readonly<Record<string, readonly [file: string, name: string]>> = {
  'upload-asset': ['uploadresponse', 'UploadResponse'],
  'asset-rename': ['uploadresponse', 'UploadResponse'],
  'transform-asset': ['uploadresponse', 'UploadResponse'],
  'get-asset-details': ['resourceinternalresponse', 'ResourceInternalResponse'],
  'asset-update': ['resourceinternalresponse', 'ResourceInternalResponse'],
  'list-images': ['listresponse', 'ListResponse'],
  'list-videos': ['listresponse', 'ListResponse'],
  'list-files': ['listresponse', 'ListResponse'],
  'search-assets': ['searchresponse', 'SearchResponse'],
  'delete-asset': ['destroybyassetidresponse', 'DestroyByAssetIdResponse'],
  'delete-derived-assets': ['deriveddestroyresponse', 'DerivedDestroyResponse'],
  'get-usage-details': ['usageresponse', 'UsageResponse'],
  'list-tags': ['tagslistresponse', 'TagsListResponse'],
  'manage-asset-tags': ['publicidsresponse', 'PublicIdsResponse'],
  'manage-asset-context': ['publicidsresponse', 'PublicIdsResponse'],
  'manage-asset-metadata': ['publicidsresponse', 'PublicIdsResponse'],
  'create-folder': ['createfolderresponse', 'CreateFolderResponse'],
  'delete-folder': ['deletefolderresponse', 'DeleteFolderResponse'],
  'search-folders': ['folderssearchresponse', 'FoldersSearchResponse'],
};

interface Model {
  safeParse(value: unknown): { readonly success: boolean; readonly error?: unknown };
}

async function modelOf(tool: string): Promise<Model> {
  const [file, name] = models[tool] ?? assert.fail(`${tool} has no model`);
  const module = await import(join(packageRoot, `esm/models/${file}.js`));
  return module[`${name}$zodSchema`] as Model;
}

// biome-ignore lint/suspicious/noExplicitAny: the responses of tools are checked by the models of the package
type Answer = any;

describe('the official MCP server', function () {
  this.timeout(60_000);
  let server: ToolServer;
  let client: Client;

  before(async () => {
    server = await startToolServer();
    client = new Client({ name: 'test', version: '1' });
    const args = [mcpFile, ...(await documentedArguments(server.origin))];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'ignore' }));
  });
  after(async () => {
    await client.close();
    await server.close();
    assert.deepEqual(server.said, []);
  });

  async function send(name: string, args: object): Promise<{ readonly text: string; readonly isError: boolean }> {
    const result = await client.callTool({ name, arguments: args as Record<string, unknown> });
    const content = result.content as readonly { readonly type: string; readonly text?: string }[];
    return { text: content.map(({ text = '' }) => text).join('\n'), isError: result.isError === true };
  }

  async function call(name: string, args: object = {}): Promise<Answer> {
    const { text, isError } = await send(name, args);
    assert.equal(isError, false, `${name}: ${text}`);
    const value = JSON.parse(text) as unknown;
    const checked = (await modelOf(name)).safeParse(value);
    assert.ok(checked.success, `${name}: ${text}\n${checked.error}`);
    return value;
  }

  const refusal = async (name: string, args: object): Promise<string> => {
    const { text, isError } = await send(name, args);
    assert.equal(isError || /"error"/.test(text), true, text);
    return text;
  };
  const upload = (publicId: string, more: object = {}) =>
    call('upload-asset', { resource_type: 'image', upload_request: { file: dataUri, public_id: publicId, ...more } });
  const names = ({ resources }: Answer) => resources.map((one: Answer) => one.public_id);

  it('offers each of the tools that are called here', async () => {
    const offered = new Set((await client.listTools()).tools.map(({ name }) => name));
    assert.deepEqual(
      Object.keys(models).filter((name) => !offered.has(name)),
      [],
    );
  });

  it('finds, renames, updates and deletes an asset', async () => {
    const { asset_id: id } = await upload('life/a', { tags: 'one,two', context: 'alt=x' });
    const shown = await call('get-asset-details', { asset_id: id, versions: true });
    assert.deepEqual([shown.public_id, shown.versions.length, shown.derived], ['life/a', 1, []]);
    const renamed = await call('asset-rename', {
      resource_type: 'image',
      RequestBody: { from_public_id: 'life/a', to_public_id: 'life/b', invalidate: true },
    });
    assert.deepEqual([renamed.public_id, renamed.asset_id], ['life/b', id]);
    const updated = await call('asset-update', {
      asset_id: id,
      ResourceUpdateRequest: {
        tags: ['three'],
        context: 'caption=c|alt=d',
        display_name: 'Shown',
        metadata: { sku: '1' },
      },
    });
    assert.deepEqual([updated.tags, updated.display_name, updated.metadata], [['three'], 'Shown', { sku: '1' }]);
    assert.deepEqual(updated.context, { custom: { caption: 'c', alt: 'd' } });
    assert.equal((await call('delete-asset', { request: { asset_id: id, invalidate: true } })).result, 'ok');
    assert.equal((await call('delete-asset', { request: { asset_id: id } })).result, 'not found');
    assert.match(await refusal('get-asset-details', { asset_id: id }), /Resource not found/);
  });

  it('lists and searches', async () => {
    await upload('list/a', { tags: 'listed', context: 'alt=x' });
    await upload('list/b', { tags: ['listed', 'b'] });
    await call('upload-asset', {
      resource_type: 'raw',
      upload_request: { file: 'data:text/plain;base64,aGVsbG8=', public_id: 'list/c.txt', tags: 'listed' },
    });
    const list = await call('list-images', { prefix: 'list/', type: 'upload', tags: true, max_results: 1 });
    assert.deepEqual([names(list), list.resources[0].tags], [['list/a'], ['listed']]);
    const next = await call('list-images', {
      prefix: 'list/',
      type: 'upload',
      max_results: 1,
      next_cursor: list.next_cursor,
    });
    assert.deepEqual(names(next), ['list/b']);
    const chosen = await call('list-images', {
      public_ids: ['list/b', 'list/a'],
      fields: ['public_id', 'format', 'bytes', 'moderation_kind', 'is_audio'],
    });
    assert.deepEqual(names(chosen), ['list/b', 'list/a']);
    assert.deepEqual(Object.keys(chosen.resources[0]).sort(), ['asset_id', 'bytes', 'folder', 'format', 'public_id']);
    assert.match(
      await refusal('list-images', { fields: 'public_id,widht' }),
      /No member is called widht\. Do you mean width/,
    );
    assert.match(await refusal('list-images', { type: 'private' }), /Only type upload is offered/);
    assert.equal(
      (await call('list-images', { start_at: '2020-01-01T00:00:00Z', direction: 'asc' })).resources.length > 1,
      true,
    );
    assert.deepEqual((await call('list-videos')).resources, []);
    assert.deepEqual(names(await call('list-files')), ['list/c.txt']);
    assert.deepEqual((await call('list-tags', { resource_type: 'image', prefix: 'li' })).tags, ['listed']);

    const found = await call('search-assets', {
      request: {
        expression: 'tags:listed AND folder:list',
        sort_by: [{ public_id: 'desc' }],
        with_field: ['tags', 'context', 'image_metadata'],
        max_results: 2,
      },
    });
    assert.deepEqual([found.total_count, names(found)], [3, ['list/c.txt', 'list/b']]);
    const rest = await call('search-assets', {
      request: {
        expression: 'tags:listed AND folder:list',
        sort_by: [{ public_id: 'desc' }],
        with_field: ['context'],
        max_results: 2,
        next_cursor: found.next_cursor,
      },
    });
    assert.deepEqual([names(rest), rest.resources[0].context], [['list/a'], { alt: 'x' }]);
    const count = await call('search-assets', { request: { expression: 'tags:listed', max_results: 0 } });
    assert.deepEqual([count.total_count, count.resources, 'next_cursor' in count], [3, [], false]);
    assert.match(
      await refusal('search-assets', { request: { expression: 'tags:(' } }),
      /Invalid expression\. At position/,
    );
  });

  it('makes a transformation, and deletes its derivative', async () => {
    const { asset_id: id } = await upload('made/a');
    const made = await call('transform-asset', {
      publicId: 'made/a',
      transformations: 'c_fill,w_100,h_100',
      invalidate: true,
    });
    assert.equal(made.eager[0].width, 100);
    const failed = await call('transform-asset', {
      publicId: 'made/a',
      transformations: 'l_text:Arial_20:x',
      invalidate: true,
    });
    assert.equal(failed.eager[0].status, 'failed');
    let derived: Answer[] = [];
    for (let tries = 0; derived.length === 0 && tries < 100; tries += 1) {
      ({ derived } = await call('get-asset-details', { asset_id: id }));
    }
    const [{ id: derivedId }] = derived;
    const { deleted } = await call('delete-derived-assets', { request: { derived_resource_ids: [derivedId, 'x'] } });
    assert.deepEqual(deleted, { [derivedId]: 'deleted', x: 'not_found' });
  });

  it('changes tags, context and metadata of several assets', async () => {
    for (const name of ['many/a', 'many/b']) await upload(name, { tags: 'old', context: 'alt=x' });
    const ids = ['many/a', 'many/b', 'many/missing'];
    for (const [command, tags, expected] of [
      ['add', ['new'], ['old', 'new']],
      ['remove', ['old'], ['new']],
      ['replace', ['p', 'q'], ['p', 'q']],
      ['remove_all', undefined, []],
    ] as const) {
      const request = { command, public_ids: ids, ...(tags && { tags }) };
      const { public_ids: changed } = await call('manage-asset-tags', {
        resource_type: 'image',
        tags_update_request: request,
      });
      assert.deepEqual(changed, ['many/a', 'many/b']);
      const { resources } = await call('list-images', { prefix: 'many/', tags: true });
      assert.deepEqual(
        resources.map((one: Answer) => one.tags),
        [expected, expected],
        command,
      );
    }
    const contextOf = async () => (await details('many/a')).context;
    const details = async (publicId: string) => {
      const { resources } = await call('list-images', { public_ids: [publicId] });
      return call('get-asset-details', { asset_id: resources[0].asset_id });
    };
    const context = (request: object) =>
      call('manage-asset-context', { resource_type: 'image', context_update_request: request });
    await context({ command: 'add', context: 'caption=c', public_ids: ids });
    assert.deepEqual(await contextOf(), { custom: { alt: 'x', caption: 'c' } });
    await context({ command: 'add', context: 'alt=', public_ids: ids });
    assert.deepEqual(await contextOf(), { custom: { caption: 'c' } });
    await context({ command: 'remove_all', public_ids: ids });
    assert.equal(await contextOf(), undefined);
    for (const metadata of ['sku=1|colour=red', { colour: 'blue' }, { sku: '' }]) {
      await call('manage-asset-metadata', {
        resource_type: 'image',
        metadata_update_request: { metadata, public_ids: ids },
      });
    }
    assert.deepEqual((await details('many/b')).metadata, { colour: 'blue' });
  });

  it('creates, finds and deletes folders', async () => {
    assert.equal((await call('create-folder', { folder: 'dir/inner' })).path, 'dir/inner');
    const found = await call('search-folders', { expression: 'name:inner' });
    assert.deepEqual([found.total_count, found.folders[0].path], [1, 'dir/inner']);
    assert.deepEqual((await call('delete-folder', { folder: 'dir' })).deleted.sort(), ['dir', 'dir/inner']);
    assert.match(await refusal('delete-folder', { folder: 'dir' }), /Can't find folder with path dir/);
  });

  it('shows the usage', async () => {
    const usage = await call('get-usage-details');
    assert.ok(usage.resources > 0 && usage.storage.usage > 0);
    assert.equal((await call('get-usage-details', { date: '2026-11-28' })).plan, 'Safelight');
  });

  it('is told what is not offered, and what to do instead', async () => {
    const { asset_id: id } = await upload('refused/a');
    for (const [tool, args] of [
      ['create-asset-relations', { asset_id: id, relate_assets_by_asset_id_request: { assets_to_relate: [id] } }],
      ['delete-asset-relations', { asset_id: id, unrelate_assets_by_asset_id_request: { assets_to_unrelate: [id] } }],
      ['visual-search-assets', { request: { text: 'cat' } }],
      ['move-folder', { folder: 'a', move_folder_request: { to_folder: 'b' } }],
      [
        'generate-archive',
        {
          resource_type: 'image',
          RequestBody: { public_ids: ['refused/a'], target_format: 'zip', target_public_id: 'x' },
        },
      ],
      ['download-asset-backup', { asset_id: id, version_id: '0'.repeat(32) }],
      ['generate-image', { request: { prompt: 'a cat' } }],
    ] as const) {
      assert.match(await refusal(tool, args), /not offered here\. \S/, tool);
    }
    const remote = { resource_type: 'image', upload_request: { file: 'https://example.com/a.png' } };
    assert.match(await refusal('upload-asset', remote), /Fetching remote URLs is not offered here/);
    const moderated = { asset_id: id, ResourceUpdateRequest: { moderation_status: 'approved' } };
    assert.match(await refusal('asset-update', moderated), /Parameter moderation_status is not offered here/);
    const hook = { from_public_id: 'refused/a', to_public_id: 'refused/b', notification_url: 'https://example.com' };
    assert.match(
      await refusal('asset-rename', { resource_type: 'image', RequestBody: hook }),
      /Parameter notification_url is not offered here/,
    );
  });
});

/** Checks of the runner that cannot pass here. */
const failing: Readonly<Record<string, string>> = {
  '1.2': 'its fields are not among those that the MCP server accepts',
  '1.8': 'it needs the internet',
  '3.3': 'Safelight has no visual search',
  '4.2': 'e_sepia',
  '4.3': 'g_face',
  '5.4': 'its arguments are not those of the MCP server',
  '5.5': 'Safelight makes no archives',
  '6.4': 'it deletes the folder that 5.4 did not move',
};

describe('the sanity runner of the official MCP server', function () {
  this.timeout(120_000);

  it('passes all checks that can pass without the internet, and at least 17', async () => {
    const source = await startToolServer();
    const hosts = [new URL(source.origin).host];
    const server = await startToolServer({ remoteFiles: { hosts, privateAddresses: ['127.0.0.1'] } });
    const port = await freePort();
    const flags = [
      '--transport',
      'sse',
      '--port',
      String(port),
      ...(await documentedArguments(server.origin)).slice(1),
    ];
    const mcp = spawn(process.execPath, [mcpFile, 'start', ...flags], {
      stdio: 'ignore',
      env: { ...process.env, CLOUDINARY_COLLECT_HEADERS: 'x-request-id,prefix:x-featureratelimit-' },
    });
    const folder = await mkdtemp(join(dirname(fileURLToPath(import.meta.url)), '.sanity-'));
    try {
      const sample = { file: dataUri, public_id: 'sample' };
      const uploaded = await fetch(`${source.origin}/v1_1/demo/image/upload`, {
        method: 'POST',
        headers: { authorization: basic, 'content-type': 'application/json' },
        body: JSON.stringify(sample),
      });
      assert.equal(uploaded.status, 200);
      const original = await readFile(join(packageRoot, 'sanity-test-runner.mjs'), 'utf8');
      const runner = original
        .replace('http://localhost:2718', `http://127.0.0.1:${port}`)
        .replace(
          'https://res.cloudinary.com/demo/image/upload/sample.jpg',
          `${source.origin}/demo/image/upload/sample.png`,
        );
      await writeFile(join(folder, 'runner.mjs'), runner);
      await listens(port);
      const output = await outputOf(join(folder, 'runner.mjs'));
      const failed = [...output.matchAll(/^\[FAIL\] (\S+)/gm)].map(([, name = '']) => name);
      assert.deepEqual(
        failed.filter((name) => failing[name] === undefined),
        [],
        output,
      );
      assert.ok((output.match(/^\[PASS\]/gm) ?? []).length >= 17, output);
    } finally {
      mcp.kill();
      await rm(folder, { recursive: true });
      await server.close();
      await source.close();
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Resolves when a server listens on the port. */
async function listens(port: number): Promise<void> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    await response?.body?.cancel();
    if (response !== undefined) return;
    await new Promise((waited) => setTimeout(waited, 100));
  }
}

async function outputOf(file: string): Promise<string> {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await once(child, 'close');
  return output;
}
