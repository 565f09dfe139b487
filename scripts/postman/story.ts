/** One request of the collection: an operation of the OpenAPI document with values for its parameters. */
export interface Step {
  readonly operation: string;
  readonly name: string;
  /** Values of parameters of the path, the query, the headers or the body. `{{name}}` is a variable of Postman. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** @default 200 */
  readonly status?: number;
  /** Further lines of the test. `body` is the parsed body of the response. */
  readonly tests?: readonly string[];
}

export interface Chapter {
  readonly name: string;
  readonly description: string;
  readonly steps: readonly Step[];
}

const onePixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const folder = 'safelight-postman';
const cat = `${folder}/cat`;
const wolf = `${folder}/wolf`;
const image = { resource_type: 'image' };
const ofCat = { ...image, public_id: cat };

function equals(actual: string, expected: unknown): string {
  return `pm.expect(${actual}).to.eql(${JSON.stringify(expected)});`;
}

const uploadCat: Step = {
  operation: 'upload',
  name: 'Upload it again',
  values: { ...ofCat, file: onePixel, tags: 'postman' },
  tests: [equals('body.public_id', cat), "pm.collectionVariables.set('assetId', body.asset_id);"],
};
const findsCat = [`pm.expect(body.resources.map((found) => found.public_id)).to.include(${JSON.stringify(cat)});`];

/**
 * The requests in an order in which each of them works, on a server without assets and on one with assets of others. All assets
 * of the story have the folder `safelight-postman`, and the last chapter destroys them.
 */
export const story: readonly Chapter[] = [
  {
    name: '1 Check the server',
    description: 'Set the variables origin, cloud, apiKey and apiSecret first.',
    steps: [
      { operation: 'ping', name: 'Ping', tests: [equals('body.status', 'ok')] },
      { operation: 'config', name: 'Settings', values: { settings: 'true' } },
      { operation: 'usage', name: 'Usage' },
      { operation: 'usage_by_date', name: 'Usage of a day', values: { date: '2026-11-30' } },
      { operation: 'resource_types', name: 'Types of assets' },
      { operation: 'upload_presets', name: 'Presets' },
      {
        operation: 'upload_preset',
        name: 'A preset that does not exist',
        values: { name: `${folder}-none` },
        status: 404,
      },
      { operation: 'openapi', name: 'This API as OpenAPI', tests: ['pm.expect(body.openapi).to.match(/^3[.]1/);'] },
    ],
  },
  {
    name: '2 Upload',
    description:
      'These calls are signed by the pre-request script. In the first one, choose a file in place of the text.',
    steps: [
      {
        operation: 'upload',
        name: 'Upload',
        values: {
          ...ofCat,
          file: onePixel,
          tags: 'postman',
          context: 'alt=A cat',
          asset_folder: folder,
          overwrite: 'true',
          invalidate: 'true',
        },
        tests: [
          equals('body.public_id', cat),
          equals('body.context', { custom: { alt: 'A cat' } }),
          "pm.collectionVariables.set('assetId', body.asset_id);",
          "pm.collectionVariables.set('version', body.version);",
        ],
      },
      {
        operation: 'received_parts',
        name: 'Parts of an unfinished upload',
        values: { 'X-Unique-Upload-Id': `${folder}-upload`, cloud: '{{cloud}}' },
        tests: [equals('body', { received: [], total: null })],
      },
    ],
  },
  {
    name: '3 Find',
    description: 'Lists and searches. They need an index.',
    steps: [
      { operation: 'resource', name: 'By public ID', values: ofCat, tests: [equals('body.public_id', cat)] },
      {
        operation: 'resource_by_asset_id',
        name: 'By asset ID',
        values: { asset_id: '{{assetId}}' },
        tests: [equals('body.public_id', cat)],
      },
      {
        operation: 'search',
        name: 'Search',
        values: { expression: `tags=postman AND folder=${folder}`, with_field: ['tags'] },
        tests: findsCat,
      },
      { operation: 'resources_image', name: 'Images by prefix', values: { prefix: `${folder}/` }, tests: findsCat },
      { operation: 'resources_video', name: 'Videos', values: { max_results: '1' } },
      { operation: 'resources_raw', name: 'Raw files', values: { max_results: '1' } },
      { operation: 'resources', name: 'By several public IDs', values: { ...image, public_ids: cat }, tests: findsCat },
      { operation: 'resources_by_tag', name: 'By tag', values: { ...image, tag: 'postman' }, tests: findsCat },
      {
        operation: 'resources_by_context',
        name: 'By context',
        values: { ...image, key: 'alt', value: 'A cat' },
        tests: findsCat,
      },
      {
        operation: 'resources_by_asset_folder',
        name: 'By asset folder',
        values: { asset_folder: folder },
        tests: findsCat,
      },
      {
        operation: 'resources_by_asset_ids',
        name: 'By asset IDs',
        values: { asset_ids: '{{assetId}}' },
        tests: findsCat,
      },
      {
        operation: 'list_tags',
        name: 'Tags',
        values: { ...image, prefix: 'postman' },
        tests: ["pm.expect(body.tags).to.include('postman');"],
      },
    ],
  },
  {
    name: '4 Update',
    description: 'Changes facts of the asset. Its URL and its picture stay.',
    steps: [
      {
        operation: 'tags',
        name: 'Add a tag',
        values: { ...image, command: 'add', tag: 'pet', public_ids: cat },
        tests: [equals('body.public_ids', [cat])],
      },
      {
        operation: 'context',
        name: 'Add to the context',
        values: { ...image, command: 'add', context: 'caption=On a tree', public_ids: cat },
        tests: [equals('body.public_ids', [cat])],
      },
      {
        operation: 'metadata',
        name: 'Set the metadata',
        values: { ...image, metadata: 'sku=1234', public_ids: cat },
        tests: [equals('body.public_ids', [cat])],
      },
      {
        operation: 'update',
        name: 'Change the display name',
        values: { ...ofCat, display_name: 'A cat' },
        tests: [equals('body.display_name', 'A cat'), equals('body.metadata', { sku: '1234' })],
      },
      {
        operation: 'update_by_asset_id',
        name: 'Replace the tags, by asset ID',
        values: { asset_id: '{{assetId}}', tags: ['postman', 'pet'] },
        tests: [equals('body.tags', ['postman', 'pet'])],
      },
      {
        operation: 'update_by_asset_id_by_post',
        name: 'The same change by POST',
        values: { asset_id: '{{assetId}}', context: { alt: 'A cat' } },
        tests: [equals('body.context', { custom: { alt: 'A cat' } })],
      },
    ],
  },
  {
    name: '5 Invalidate',
    description: 'After invalidate, derivatives and failures of the asset are made again.',
    steps: [
      {
        operation: 'why',
        name: 'Why does this URL fail?',
        values: { url: '/{{cloud}}/image/upload/c_scale,w_20/safelight-postman/none.png' },
        tests: [equals('body.verdict', 'missing_original')],
      },
      {
        operation: 'explicit',
        name: 'Invalidate, and make a derivative',
        values: { ...ofCat, type: 'upload', invalidate: 'true', eager: 'c_scale,w_20' },
        tests: [equals('body.eager.length', 1), equals('body.eager[0].width', 20)],
      },
      {
        operation: 'resource',
        name: 'The derivatives',
        values: ofCat,
        tests: ["pm.collectionVariables.set('derivedId', body.derived.length > 0 ? body.derived[0].id : 'none');"],
      },
      {
        operation: 'delete_derived_resources',
        name: 'Delete a derivative',
        values: { derived_resource_ids: '{{derivedId}}' },
        tests: ["pm.expect(body.deleted).to.have.property(pm.collectionVariables.get('derivedId'));"],
      },
      {
        operation: 'transformations',
        name: 'Named transformations',
        tests: ["pm.expect(body.transformations).to.be.an('array');"],
      },
      {
        operation: 'transformation',
        name: 'A transformation that no derivative has',
        values: { transformation: 'c_scale,w_19' },
        status: 404,
      },
      {
        operation: 'asset_status',
        name: 'The current version',
        values: { ...ofCat, cloud: '{{cloud}}' },
        tests: [equals('body.exists', true)],
      },
    ],
  },
  {
    name: '6 Rename and restore',
    description: 'Another public ID, and an older version.',
    steps: [
      {
        operation: 'rename',
        name: 'Rename',
        values: { ...image, from_public_id: cat, to_public_id: wolf, overwrite: 'true', invalidate: 'true' },
        tests: [equals('body.public_id', wolf)],
      },
      {
        operation: 'rename',
        name: 'Rename back',
        values: { ...image, from_public_id: wolf, to_public_id: cat, invalidate: 'true' },
        tests: [equals('body.public_id', cat)],
      },
      uploadCat,
      {
        operation: 'restore',
        name: 'Restore the version before',
        values: { ...image, public_ids: [cat] },
        tests: [`pm.expect(body).to.have.property(${JSON.stringify(cat)});`],
      },
    ],
  },
  {
    name: '7 Folders',
    description: 'Folders exist because of their assets, or because they were created.',
    steps: [
      { operation: 'create_folder', name: 'Create', values: { path: `${folder}-empty/inner` } },
      { operation: 'root_folders', name: 'At the top', values: { max_results: '500' } },
      {
        operation: 'subfolders',
        name: 'In a folder',
        values: { path: `${folder}-empty` },
        tests: [equals('body.folders.map((found) => found.name)', ['inner'])],
      },
      { operation: 'search_folders', name: 'Search', values: { expression: `path="${folder}-empty"` } },
      {
        operation: 'search_folders_by_post',
        name: 'Search by POST',
        values: { expression: `path="${folder}-empty"` },
        tests: [equals('body.total_count', 1)],
      },
      { operation: 'delete_folder', name: 'Delete', values: { path: `${folder}-empty` } },
    ],
  },
  {
    name: '8 Destroy',
    description: 'All ways to destroy an asset.',
    steps: [
      {
        operation: 'destroy',
        name: 'Destroy',
        values: { ...ofCat, invalidate: 'true' },
        tests: [equals('body.result', 'ok')],
      },
      { operation: 'resource', name: 'It is gone', values: ofCat, status: 404 },
      uploadCat,
      {
        operation: 'destroy_by_asset_id',
        name: 'Destroy by asset ID',
        values: { asset_id: '{{assetId}}', invalidate: 'true' },
        tests: [equals('body.result', 'ok')],
      },
      uploadCat,
      {
        operation: 'delete_resources_by_asset_ids',
        name: 'Delete by asset IDs',
        values: { asset_ids: '{{assetId}}' },
        tests: ["pm.expect(body.deleted[pm.collectionVariables.get('assetId')]).to.eql('deleted');"],
      },
      uploadCat,
      {
        operation: 'delete_resources_by_tag',
        name: 'Delete by tag',
        values: { ...image, tag: 'postman' },
        tests: [equals('body.partial', false)],
      },
      {
        operation: 'delete_resources',
        name: 'Delete by public IDs',
        values: { ...image, public_ids: [cat, wolf] },
        tests: [equals('body.deleted', { [cat]: 'not_found', [wolf]: 'not_found' })],
      },
    ],
  },
];
