import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { freshSdk } from '../../packages/cloud/test/upload-api/fresh-sdk.ts';
import { png } from '../../packages/cloud/test/upload-api/png.ts';
import { startToolServer, type ToolServer } from './tool-server.ts';

const dataUri = (width: number, height: number) => `data:image/png;base64,${png(width, height).toString('base64')}`;
const textFile = `data:text/plain;base64,${Buffer.from('hello').toString('base64')}`;

type Found = Readonly<Record<string, unknown>> & { readonly public_id: string };
const names = ({ resources }: { readonly resources: readonly Found[] }) => resources.map(({ public_id: name }) => name);

/** `http_code` and `message` of the error that the SDK rejects with. */
async function refused(call: Promise<unknown>): Promise<readonly [number, string]> {
  const error = await call.then(
    () => assert.fail('It was not refused'),
    (reason: unknown) => reason as { readonly error?: unknown },
  );
  const { http_code: status, message } = (error.error ?? error) as { http_code: number; message: string };
  return [status, message];
}

describe('the Admin API of the official Node SDK', function () {
  this.timeout(20_000);
  let server: ToolServer;
  // The types of the SDK lack some of its calls and members.
  // biome-ignore lint/suspicious/noExplicitAny: the reason is above
  let cloudinary: any;
  // biome-ignore lint/suspicious/noExplicitAny: the reason is above
  let api: any;

  beforeEach(async () => {
    server = await startToolServer();
    cloudinary = freshSdk(server.origin);
    api = cloudinary.api;
  });
  afterEach(async () => {
    await server.close();
    assert.deepEqual(server.said, []);
  });

  const upload = (publicId: string, options: object = {}, file = dataUri(40, 30)) =>
    cloudinary.uploader.upload(file, { public_id: publicId, ...options });
  const statusOf = async (path: string) => (await fetch(server.origin + path)).status;

  /** The IDs of the derivatives of a transformation. They are written down after the response to the first request. */
  async function derivedIds(transformation: string): Promise<readonly unknown[]> {
    for (let tries = 0; tries < 200; tries += 1) {
      const found = await api.transformation(transformation).catch(() => ({ derived: [] }));
      if (found.derived.length > 0) return found.derived.map((one: Found) => one['id']);
    }
    return assert.fail(`No derivative of ${transformation} is listed`);
  }

  async function walk(page: (cursor?: string) => Promise<{ resources: Found[]; next_cursor?: string }>) {
    const pages: (readonly string[])[] = [];
    let cursor: string | undefined;
    do {
      const read = await page(cursor);
      pages.push(names(read));
      cursor = read.next_cursor;
    } while (cursor !== undefined && pages.length < 20);
    return pages;
  }

  it('pings, and reads configuration, usage and resource types', async () => {
    await upload('a/one', {}, dataUri(40, 30));
    assert.equal((await api.ping()).status, 'ok');
    assert.equal((await api.config()).cloud_name, 'demo');
    assert.deepEqual((await api.config({ settings: true })).settings, { folder_mode: 'fixed' });
    const {
      rate_limit_allowed: allowed,
      rate_limit_remaining: left,
      rate_limit_reset_at: at,
      ...usage
    } = await api.usage();
    assert.ok(allowed > 0 && left > 0 && at instanceof Date);
    assert.deepEqual(Object.keys(usage).sort(), [
      ...['bandwidth', 'derived_resources', 'last_updated', 'media_limits', 'objects', 'plan', 'requests', 'resources'],
      ...['storage', 'transformations'],
    ]);
    assert.deepEqual([usage.resources, usage.storage.usage], [1, png(40, 30).length]);
    assert.equal((await api.usage({ date: usage.last_updated })).resources, 1);
    assert.deepEqual((await api.resource_types()).resource_types, ['image', 'video', 'raw']);
  });

  it('shows an asset by its public ID and by its asset ID', async () => {
    const uploaded = await upload('folder/ä b', { tags: ['x'], context: { alt: 'a=b|c' }, display_name: 'Shown' });
    const again = await upload('folder/ä b', { tags: ['x'] }, dataUri(50, 25));
    const found = await api.resource('folder/ä b', { versions: true });
    const byId = await api.resource_by_asset_id(uploaded.asset_id, { versions: true });
    for (const shown of [found, byId]) {
      assert.equal(shown.public_id, 'folder/ä b');
      assert.equal(shown.asset_id, uploaded.asset_id);
      assert.deepEqual([shown.width, shown.height, shown.aspect_ratio, shown.pixels], [50, 25, 2, 1250]);
      assert.deepEqual([shown.folder, shown.filename, shown.status], ['folder', 'ä b', 'active']);
      assert.deepEqual(shown.tags, ['x']);
      assert.equal(shown.etag, createHash('md5').update(png(50, 25)).digest('hex'));
      assert.deepEqual(shown.derived, []);
      assert.deepEqual(
        shown.versions.map((one: { version: string; restorable: boolean }) => [one.version, one.restorable]),
        [
          [String(again.version), false],
          [String(uploaded.version), true],
        ],
      );
    }
    assert.equal('versions' in (await api.resource('folder/ä b')), false);
    assert.deepEqual(await refused(api.resource('nothing')), [404, 'Resource not found - nothing']);
    assert.match((await refused(api.resource_by_asset_id('folder')))[1], /An asset ID has 32 hex digits/);
    assert.deepEqual(await refused(api.resource_by_asset_id('0'.repeat(32))), [
      404,
      `Resource not found - ${'0'.repeat(32)}`,
    ]);
  });

  it('lists assets by prefix and IDs, in pages and by time', async () => {
    const uploaded: Found[] = [];
    for (const name of ['p/b', 'p/a', 'p/d', 'p/c', 'other']) uploaded.push(await upload(name, { tags: ['t'] }));
    await upload('p/file.txt', { resource_type: 'raw' }, textFile);
    assert.deepEqual(names(await api.resources()), ['other', 'p/a', 'p/b', 'p/c', 'p/d']);
    assert.deepEqual(names(await api.resources({ resource_type: 'raw' })), ['p/file.txt']);
    assert.deepEqual(names(await api.resources({ type: 'upload', prefix: 'p/' })), ['p/a', 'p/b', 'p/c', 'p/d']);
    assert.deepEqual(names(await api.resources_by_ids(['p/d', 'nothing', 'other'])), ['p/d', 'other']);
    assert.deepEqual(await walk((next_cursor) => api.resources({ type: 'upload', max_results: 2, next_cursor })), [
      ['other', 'p/a'],
      ['p/b', 'p/c'],
      ['p/d'],
    ]);
    assert.deepEqual(await walk((next_cursor) => api.resources({ direction: 'desc', max_results: 3, next_cursor })), [
      ['other', 'p/c', 'p/d'],
      ['p/a', 'p/b'],
    ]);
    assert.deepEqual(names(await api.resources({ direction: 1 })), ['p/b', 'p/a', 'p/d', 'p/c', 'other']);
    const hour = 3_600_000;
    assert.deepEqual(names(await api.resources({ start_at: new Date(Date.now() + hour), direction: 'asc' })), []);
    assert.equal(
      (await api.resources({ start_at: new Date(Date.now() - hour), direction: 'asc' })).resources.length,
      5,
    );
    const byIds = await api.resources_by_asset_ids([uploaded[2]?.['asset_id'], uploaded[4]?.['asset_id']]);
    assert.deepEqual(names(byIds), ['p/d', 'other']);
  });

  it('gives the members of a list that were asked for', async () => {
    await upload('a', { tags: ['x', 'y'], context: { k: 'v' } });
    const [plain] = (await api.resources()).resources;
    assert.deepEqual(['tags' in plain, 'context' in plain], [false, false]);
    const [full] = (await api.resources({ tags: true, context: true })).resources;
    assert.deepEqual([full.tags, full.context], [['x', 'y'], { custom: { k: 'v' } }]);
    const [one] = (await api.resources({ fields: ['tags'] })).resources;
    assert.deepEqual(Object.keys(one).sort(), ['asset_id', 'folder', 'public_id', 'tags']);
    const [text] = (await api.resources_by_tag('x', { fields: 'tags,context' })).resources;
    assert.deepEqual(Object.keys(text).sort(), ['asset_id', 'context', 'folder', 'public_id', 'tags']);
    assert.match((await refused(api.resources({ fields: 'tagz' })))[1], /fields.*tagz/);
  });

  it('lists assets by tag, context and asset folder', async () => {
    await upload('a', { tags: ['x'], context: { k: 'v' }, asset_folder: 'shelf/left' });
    await upload('b', { tags: ['x', 'y'], context: { k: 'w' } });
    await upload('c', { asset_folder: 'shelf' });
    assert.deepEqual(names(await api.resources_by_tag('x')), ['b', 'a']);
    assert.deepEqual(names(await api.resources_by_tag('x', { direction: 'asc' })), ['a', 'b']);
    assert.deepEqual(names(await api.resources_by_tag('z')), []);
    assert.deepEqual(names(await api.resources_by_context('k')), ['b', 'a']);
    assert.deepEqual(names(await api.resources_by_context('k', 'v')), ['a']);
    assert.deepEqual(names(await api.resources_by_asset_folder('shelf/left')), ['a']);
    assert.deepEqual(names(await api.resources_by_asset_folder('shelf')), ['c']);
    assert.deepEqual((await api.tags()).tags, ['x', 'y']);
    assert.deepEqual((await api.tags({ prefix: 'y' })).tags, ['y']);
    const first = await api.tags({ max_results: 1 });
    assert.deepEqual(first.tags, ['x']);
    assert.deepEqual((await api.tags({ max_results: 1, next_cursor: first.next_cursor })).tags, ['y']);
  });

  it('searches', async () => {
    await upload('s/one', { tags: ['x'], context: { alt: 'first' } }, dataUri(10, 10));
    await upload('s/two', { tags: ['x', 'y'], context: { alt: 'second' } }, dataUri(20, 10));
    await upload('s/three.txt', { resource_type: 'raw', tags: ['x'] }, textFile);
    const { search } = cloudinary;
    const all = await search.expression('folder:s').sort_by('public_id', 'asc').execute();
    assert.deepEqual([all.total_count, names(all)], [3, ['s/one', 's/three.txt', 's/two']]);
    assert.ok(all.resources.every((one: Found) => 'format' in one && !('tags' in one) && !('context' in one)));
    assert.deepEqual(
      await walk((cursor) => {
        const page = search.expression('tags=x').sort_by('bytes', 'desc').max_results(2);
        return (cursor === undefined ? page : page.next_cursor(cursor)).execute();
      }).then((pages) => pages.map(({ length }) => length)),
      [2, 1],
    );
    const [withTags] = (await search.expression('s/two').with_field('tags').with_field('context').execute()).resources;
    assert.deepEqual([withTags.tags, withTags.context], [['x', 'y'], { alt: 'second' }]);
    const [fields] = (await search.expression('public_id:s/two').fields('context').execute()).resources;
    assert.deepEqual(Object.keys(fields).sort(), [
      ...['asset_id', 'context', 'created_at', 'folder', 'public_id', 'resource_type', 'status', 'type'],
    ]);
    assert.deepEqual(names(await search.expression('width>15 AND resource_type:image').execute()), ['s/two']);
    const [status, message] = await refused(search.expression('widht>15').execute());
    assert.deepEqual([status, /widht.*Did you mean width/.test(message)], [400, true]);
    const counted = await refused(search.expression('x').aggregate('format').execute());
    assert.deepEqual([counted[0], counted[1].startsWith('Parameter aggregate is not offered here.')], [400, true]);
  });

  it('changes tags, context and metadata of several assets', async () => {
    for (const name of ['a', 'b']) await upload(name);
    const { uploader } = cloudinary;
    const tagsOf = async (name: string) => (await api.resource(name)).tags;
    assert.deepEqual((await uploader.add_tag('one', ['a', 'b', 'nothing'])).public_ids, ['a', 'b']);
    await uploader.add_tag('two', ['a']);
    assert.deepEqual([await tagsOf('a'), await tagsOf('b')], [['one', 'two'], ['one']]);
    await uploader.remove_tag('one', ['a', 'b']);
    assert.deepEqual([await tagsOf('a'), await tagsOf('b')], [['two'], []]);
    await uploader.replace_tag('only', ['a']);
    assert.deepEqual(await tagsOf('a'), ['only']);
    await uploader.remove_all_tags(['a']);
    assert.deepEqual(await tagsOf('a'), []);

    await uploader.add_context({ alt: 'x|y=z' }, ['a']);
    await uploader.add_context('caption=c', ['a']);
    assert.deepEqual((await api.resource('a')).context, { custom: { alt: 'x|y=z', caption: 'c' } });
    await uploader.remove_all_context(['a']);
    assert.equal('context' in (await api.resource('a')), false);

    assert.deepEqual((await uploader.update_metadata({ sku: 'abc' }, ['a'])).public_ids, ['a']);
    await uploader.update_metadata({ colour: 'red' }, ['a']);
    assert.deepEqual((await api.resource('a')).metadata, { sku: 'abc', colour: 'red' });
    await uploader.update_metadata({ sku: '' }, ['a']);
    assert.deepEqual((await api.resource('a')).metadata, { colour: 'red' });
    assert.deepEqual(await refused(uploader.add_tag('x', [])), [400, 'Missing required parameter - public_ids']);
  });

  it('updates an asset', async () => {
    const { version } = await upload('a', { tags: ['old'] });
    const changed = await api.update('a', {
      tags: ['n', 'm'],
      context: { alt: 'text' },
      metadata: { sku: '1' },
      display_name: 'Name',
      asset_folder: 'shelf',
    });
    assert.deepEqual([changed.version, changed.tags], [version, ['n', 'm']]);
    assert.deepEqual(changed.context, { custom: { alt: 'text' } });
    const shown = await api.resource('a');
    assert.deepEqual([shown.display_name, shown.asset_folder, shown.metadata], ['Name', 'shelf', { sku: '1' }]);
    for (const nothing of ['', []]) {
      await api.update('a', { tags: ['n'], context: { alt: 'text' } });
      const cleared = await api.update('a', { tags: nothing, context: '' });
      assert.deepEqual([cleared.tags, 'context' in cleared, cleared.display_name], [[], false, 'Name']);
    }
    const moderated = await refused(api.update('a', { moderation_status: 'approved' }));
    assert.deepEqual(moderated, [400, 'Parameter moderation_status is not offered here. Safelight has no moderation.']);
    assert.deepEqual(await refused(api.update('nothing', { tags: 'x' })), [404, 'Resource not found - nothing']);
  });

  it('creates, lists, searches and deletes folders', async () => {
    await upload('one/two/three/x');
    await api.create_folder('empty/inner');
    const paths = ({ folders }: { folders: { path: string }[] }) => folders.map(({ path }) => path);
    assert.deepEqual(paths(await api.root_folders()), ['empty', 'one']);
    assert.deepEqual((await api.sub_folders('one')).folders, [
      { name: 'two', path: 'one/two', external_id: 'one/two' },
    ]);
    assert.deepEqual(paths(await api.sub_folders('one/two')), ['one/two/three']);
    const searched = await cloudinary.search_folders.expression('name:inner').execute();
    assert.deepEqual([searched.total_count, paths(searched)], [1, ['empty/inner']]);
    assert.deepEqual((await api.search_folders({ expression: 'path="one/two"' })).total_count, 1);
    assert.deepEqual(await refused(api.sub_folders('x')), [404, "Can't find folder with path x"]);
    assert.deepEqual(await refused(api.delete_folder('x')), [404, "Can't find folder with path x"]);
    const full = await refused(api.delete_folder('one'));
    assert.deepEqual(full, [400, 'Folder is not empty - one. Delete its assets first.']);
    assert.deepEqual([...(await api.delete_folder('empty')).deleted].sort(), ['empty', 'empty/inner']);
    assert.deepEqual(paths(await api.root_folders()), ['one']);
    assert.match((await refused(api.rename_folder('one', 'two')))[1], /^PUT folders\/one is not offered here\. Rename/);
  });

  it('deletes assets by IDs, prefix, tag and asset IDs, and all', async () => {
    for (const name of ['a', 'b', 'p/1', 'p/2', 'q', 'r', 'z']) await upload(name, { tags: name === 'q' ? ['t'] : [] });
    const byIds = await api.delete_resources(['a', 'nothing']);
    assert.deepEqual(byIds.deleted, { a: 'deleted', nothing: 'not_found' });
    assert.equal(byIds.partial, false);
    assert.equal(await statusOf('/demo/image/upload/a.png'), 404);
    assert.deepEqual((await api.delete_resources_by_prefix('p/')).deleted, { 'p/1': 'deleted', 'p/2': 'deleted' });
    assert.deepEqual((await api.delete_resources_by_tag('t')).deleted, { q: 'deleted' });
    const { asset_id: id } = await api.resource('r');
    assert.deepEqual((await api.delete_resources_by_asset_ids([id])).deleted, { [id]: 'deleted' });
    assert.deepEqual((await cloudinary.uploader.destroy('z', { invalidate: true })).result, 'ok');
    assert.deepEqual((await api.delete_all_resources()).deleted, { b: 'deleted' });
    assert.deepEqual(names(await api.resources()), []);
    assert.match((await refused(api.delete_resources_by_prefix('')))[1], /^Missing required parameter - public_ids/);
  });

  it('deletes as many assets as one call may, and says that there are more', async () => {
    const all = Array.from({ length: 140 }, (_, at) => `many/${at}`);
    while (all.length > 0) {
      await Promise.all(all.splice(0, 20).map((name) => upload(name, { resource_type: 'raw' }, textFile)));
    }
    const { length } = Object.keys((await api.delete_resources_by_prefix('many/1', { resource_type: 'raw' })).deleted);
    assert.equal(length, 51);
    let calls = 0;
    let partial = true;
    while (partial && calls < 5) {
      ({ partial } = await api.delete_all_resources({ resource_type: 'raw' }));
      calls += 1;
    }
    assert.deepEqual([calls, names(await api.resources({ resource_type: 'raw' }))], [1, []]);
  });

  it('deletes derivatives, which are then made again', async () => {
    const { asset_id: id } = await upload('a');
    const path = '/demo/image/upload/w_20,c_scale/a.png';
    assert.equal(await statusOf(path), 200);
    assert.equal(await statusOf('/demo/image/upload/t_thumb/a.png'), 200);
    await derivedIds('c_fill,h_20,w_20');
    await derivedIds('w_20,c_scale');
    const { derived } = await api.resource('a');
    assert.deepEqual(derived.map((one: Found) => [one['transformation'], one['format']]).sort(), [
      ['c_fill,h_20,w_20', 'png'],
      ['c_scale,w_20', 'png'],
    ]);
    const scaled = derived.find((one: Found) => one['transformation'] === 'c_scale,w_20');
    assert.equal((await fetch(scaled.url)).status, 200);
    const made = await api.transformation('w_20,c_scale');
    assert.deepEqual(
      made.derived.map((one: Found) => [one.public_id, one['id']]),
      [['a', scaled.id]],
    );
    assert.equal((await api.transformation('t_thumb')).derived.length, 1);
    assert.deepEqual((await api.delete_derived_resources([scaled.id, 'f'.repeat(32)])).deleted, {
      [scaled.id]: 'deleted',
      ['f'.repeat(32)]: 'not_found',
    });
    assert.equal((await api.resource('a')).derived.length, 1);
    await upload('b');
    for (const width of [5, 6, 7]) {
      await statusOf(`/demo/image/upload/w_${width}/b.png`);
      await derivedIds(`w_${width}`);
    }
    const first = await api.resource('b', { max_results: 2 });
    const second = await api.resource('b', { max_results: 2, derived_next_cursor: first.next_cursor });
    assert.deepEqual([...first.derived, ...second.derived].map((one: Found) => one['transformation']).sort(), [
      'c_scale,w_5',
      'c_scale,w_6',
      'c_scale,w_7',
    ]);
    assert.equal('next_cursor' in second, false);
    const again = await fetch(server.origin + path);
    assert.deepEqual([again.status, /fwd=/.test(again.headers.get('cache-status') ?? '')], [200, true]);
    assert.equal((await api.resource_by_asset_id(id, { max_results: 1 })).derived.length, 1);
    await api.delete_resources(['a'], { keep_original: true });
    assert.deepEqual((await api.resource('a')).derived, []);
    assert.equal(await statusOf(path), 200);
  });

  it('deletes a derivative for all URLs that show it', async () => {
    const { version } = await upload('a');
    const paths = (step: string, ends: readonly string[]) =>
      ends
        .flatMap((end) => [`${step}/a${end}`, `${step}/v${version}/a${end}`])
        .map((path) => `/demo/image/upload/${path}`);
    const cases = [
      { transformation: 'c_scale,w_20', urls: paths('w_20,c_scale', ['', '.png']) },
      { transformation: 'c_scale,w_21', urls: paths('c_scale,w_21', ['.jpg', '.jpeg']) },
      { transformation: 'c_scale,f_auto,w_22', urls: paths('c_scale,f_auto,w_22', ['', '.jpg']) },
      { transformation: 'c_fill,h_20,w_20', urls: paths('t_thumb', ['.png']) },
    ];
    const cacheStatus = async (url: string, accept: string) => {
      const response = await fetch(server.origin + url, { headers: { accept } });
      await response.arrayBuffer();
      assert.equal(response.status, 200, url);
      return response.headers.get('cache-status') ?? '';
    };
    for (const { transformation, urls } of cases) {
      for (const url of urls) {
        for (const accept of transformation.includes('f_auto') ? ['image/webp', 'image/avif', '*/*'] : ['*/*']) {
          await cacheStatus(url, accept);
          const ids = await derivedIds(transformation);
          await api.delete_derived_resources(ids);
          assert.match(await cacheStatus(url, accept), /fwd=uri-miss/, `${url} ${accept}`);
          await api.delete_derived_resources(await derivedIds(transformation));
        }
      }
    }
  });

  it('restores an older version', async () => {
    await upload('a', {}, dataUri(10, 10));
    await upload('a', {}, dataUri(20, 20));
    const { versions } = await api.resource('a', { versions: true });
    const restored = await api.restore(['a', 'nothing'], { versions: [versions[1].version_id, 'x'] });
    assert.deepEqual([restored.a.width, restored.nothing], [10, { error: 'no_backup' }]);
    assert.equal((await api.resource('a')).width, 10);
    const byNumber = await api.restore(['a'], { versions: [versions[0].version] });
    assert.equal(byNumber.a.width, 20);
    assert.equal((await api.restore(['a'])).a.width, 10);
    assert.match((await refused(api.restore_by_asset_ids(['x'])))[1], /^POST resources\/restore is not offered here\./);
  });

  it('shows transformations and presets', async () => {
    const { transformations } = await api.transformations({ named: true });
    assert.deepEqual(
      transformations.map(({ name, named }: { name: string; named: boolean }) => [name, named]),
      [['t_thumb', true]],
    );
    assert.equal((await api.transformation('thumb')).name, 't_thumb');
    assert.deepEqual((await api.transformation('thumb')).info, [{ raw_transformation: 'c_fill,h_20,w_20' }]);
    assert.deepEqual(await refused(api.transformation('c_scale,w_77')), [
      404,
      "Can't find transformation c_scale,w_77",
    ]);
    assert.deepEqual(
      (await api.upload_presets()).presets.map(({ name }: { name: string }) => name),
      ['quickstart'],
    );
    assert.equal((await api.upload_preset('quickstart')).unsigned, true);
    assert.deepEqual(await refused(api.upload_preset('x')), [404, "Can't find upload preset x"]);
    const named = await refused(api.create_upload_preset({ name: 'n', unsigned: true }));
    assert.deepEqual(named, [400, 'POST upload_presets is not offered here. Set it in the options of the server.']);
  });

  it('is told which parameter is wrong', async () => {
    for (const [call, parameter] of [
      [() => api.resources({ max_results: 0 }), 'max_results'],
      [() => api.resources({ max_results: 501 }), 'max_results'],
      [() => api.resources({ next_cursor: 'forged' }), 'next_cursor'],
      [() => api.resources({ direction: 'sideways' }), 'direction'],
      [() => api.resources({ start_at: 'yesterday' }), 'start_at'],
      [() => api.tags({ max_results: 'many' }), 'max_results'],
      [() => cloudinary.search.expression('a').max_results(1_000).execute(), 'max_results'],
      [() => cloudinary.search.expression('a').sort_by('nothing').execute(), 'sort_by'],
      [() => cloudinary.search.expression('a').fields('nothing').execute(), 'fields'],
    ] as const) {
      const [status, message] = await refused(call());
      assert.deepEqual([status, message.includes(parameter)], [400, true], message);
    }
    for (const call of [
      () => api.resource('a', { type: 'private' }),
      () => api.resources({ type: 'private' }),
      () => api.publish_by_ids(['a']),
      () => api.add_related_assets('a', ['image/upload/b']),
      () => api.list_metadata_fields(),
      () => api.upload_mappings(),
      () => api.visual_search({ text: 'cat' }),
      () => cloudinary.analysis.analyze_uri('https://example.com/a.png', 'captioning'),
      () => api.delete_backed_up_assets('0'.repeat(32), ['x']),
      () => api.resources_by_moderation('manual', 'approved'),
      () => api.delete_derived_by_transformation(['a'], { width: 10 }),
      () => api.update_resources_access_mode_by_ids('public', ['a']),
    ]) {
      const [status, message] = await refused(call());
      assert.deepEqual([status, /not offered here\. \S/.test(message)], [400, true], message);
    }
    const key = freshSdk(server.origin);
    key.config({ api_secret: 'wrong' });
    assert.equal((await refused(key.api.ping()))[0], 401);
  });
});
