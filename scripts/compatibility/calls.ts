/** A request of Cloudinary's API, and the calls of official tools that send it. */
export interface CloudinaryCall {
  /** Method and path below `/v1_1/{cloud}/`; with a slash at its start, below the root. */
  readonly request: string;
  /** Methods of `cloudinary.v2.uploader` of the Node SDK. */
  readonly uploader?: readonly string[];
  /** Methods of `cloudinary.v2.api`. */
  readonly api?: readonly string[];
  /** Tools of the MCP server `@cloudinary/asset-management-mcp`. */
  readonly mcp?: readonly string[];
}

const uploads = [
  ...['upload', 'unsigned_upload', 'upload_stream', 'unsigned_upload_stream', 'upload_large', 'upload_large_part'],
  ...['upload_chunked', 'upload_chunked_stream', 'direct_upload', 'upload_tag_params', 'upload_url'],
  ...['image_upload_tag', 'unsigned_image_upload_tag'],
];

/** The calls of the SDK and of the MCP server. A test compares the names of the SDK with this list. */
export const cloudinaryCalls: readonly CloudinaryCall[] = [
  { request: 'POST {resource_type}/upload', uploader: uploads, mcp: ['upload-asset'] },
  { request: 'POST {resource_type}/explicit', uploader: ['explicit'], mcp: ['transform-asset'] },
  { request: 'POST {resource_type}/rename', uploader: ['rename'], mcp: ['asset-rename'] },
  { request: 'POST {resource_type}/destroy', uploader: ['destroy'] },
  { request: 'POST asset/destroy', mcp: ['delete-asset'] },
  {
    request: 'POST {resource_type}/tags',
    uploader: ['add_tag', 'remove_tag', 'remove_all_tags', 'replace_tag'],
    mcp: ['manage-asset-tags'],
  },
  {
    request: 'POST {resource_type}/context',
    uploader: ['add_context', 'remove_all_context'],
    mcp: ['manage-asset-context'],
  },
  { request: 'POST {resource_type}/metadata', uploader: ['update_metadata'], mcp: ['manage-asset-metadata'] },
  { request: 'POST image/text', uploader: ['text'] },
  { request: 'POST image/sprite', uploader: ['generate_sprite', 'download_generated_sprite'] },
  { request: 'POST image/multi', uploader: ['multi', 'download_multi'] },
  { request: 'POST image/explode', uploader: ['explode'] },
  {
    request: 'POST {resource_type}/generate_archive',
    uploader: ['create_archive', 'create_zip'],
    mcp: ['generate-archive'],
  },
  { request: 'GET download_backup', mcp: ['download-asset-backup'] },

  { request: 'GET ping', api: ['ping'] },
  { request: 'GET config', api: ['config'] },
  { request: 'GET usage', api: ['usage'], mcp: ['get-usage-details'] },
  { request: 'GET resources', api: ['resource_types'] },
  { request: 'GET resources/{resource_type}', api: ['resources'], mcp: ['list-images', 'list-videos', 'list-files'] },
  { request: 'GET resources/{resource_type}/upload', api: ['resources_by_ids'] },
  { request: 'GET resources/{resource_type}/tags/{tag}', api: ['resources_by_tag'] },
  { request: 'GET resources/{resource_type}/context', api: ['resources_by_context'] },
  { request: 'GET resources/{resource_type}/moderations/manual/approved', api: ['resources_by_moderation'] },
  { request: 'GET resources/by_asset_folder', api: ['resources_by_asset_folder'] },
  { request: 'GET resources/by_asset_ids', api: ['resources_by_asset_ids'] },
  { request: 'GET resources/{resource_type}/upload/{public_id}', api: ['resource'] },
  { request: 'GET resources/{asset_id}', api: ['resource_by_asset_id'], mcp: ['get-asset-details'] },
  { request: 'POST resources/search', api: ['search'], mcp: ['search-assets'] },
  { request: 'POST resources/visual_search', api: ['visual_search'], mcp: ['visual-search-assets'] },
  { request: 'POST resources/{resource_type}/upload/{public_id}', api: ['update'] },
  { request: 'PUT resources/{asset_id}', mcp: ['asset-update'] },
  { request: 'POST resources/{resource_type}/upload/restore', api: ['restore'] },
  { request: 'POST resources/restore', api: ['restore_by_asset_ids'] },
  {
    request: 'DELETE resources/{resource_type}/upload',
    api: [
      ...['delete_resources', 'delete_resources_by_prefix', 'delete_all_resources'],
      'delete_derived_by_transformation',
    ],
  },
  { request: 'DELETE resources/{resource_type}/tags/{tag}', api: ['delete_resources_by_tag'] },
  { request: 'DELETE resources', api: ['delete_resources_by_asset_ids'] },
  { request: 'DELETE derived_resources', api: ['delete_derived_resources'], mcp: ['delete-derived-assets'] },
  { request: 'DELETE resources/backup/{asset_id}', api: ['delete_backed_up_assets'] },
  {
    request: 'POST resources/related_assets/{asset_id}',
    api: ['add_related_assets', 'add_related_assets_by_asset_id'],
    mcp: ['create-asset-relations'],
  },
  {
    request: 'DELETE resources/related_assets/{asset_id}',
    api: ['delete_related_assets', 'delete_related_assets_by_asset_id'],
    mcp: ['delete-asset-relations'],
  },
  {
    request: 'POST resources/{resource_type}/publish_resources',
    api: ['publish_by_ids', 'publish_by_prefix', 'publish_by_tag'],
  },
  {
    request: 'POST resources/{resource_type}/upload/update_access_mode',
    api: [
      ...['update_resources_access_mode_by_ids', 'update_resources_access_mode_by_prefix'],
      'update_resources_access_mode_by_tag',
    ],
  },
  { request: 'GET tags/{resource_type}', api: ['tags'], mcp: ['list-tags'] },
  { request: 'GET transformations', api: ['transformations', 'transformation'] },
  { request: 'POST transformations', api: ['create_transformation'] },
  { request: 'PUT transformations', api: ['update_transformation'] },
  { request: 'DELETE transformations', api: ['delete_transformation'] },
  { request: 'GET upload_presets', api: ['upload_presets'] },
  { request: 'GET upload_presets/{name}', api: ['upload_preset'] },
  { request: 'POST upload_presets', api: ['create_upload_preset'] },
  { request: 'PUT upload_presets/{name}', api: ['update_upload_preset'] },
  { request: 'DELETE upload_presets/{name}', api: ['delete_upload_preset'] },
  { request: 'GET folders', api: ['root_folders'] },
  { request: 'GET folders/{path}', api: ['sub_folders'] },
  { request: 'GET folders/search', mcp: ['search-folders'] },
  { request: 'POST folders/search', api: ['search_folders'] },
  { request: 'POST folders/{path}', api: ['create_folder'], mcp: ['create-folder'] },
  { request: 'PUT folders/{path}', api: ['rename_folder'], mcp: ['move-folder'] },
  { request: 'DELETE folders/{path}', api: ['delete_folder'], mcp: ['delete-folder'] },
  { request: 'GET upload_mappings', api: ['upload_mappings', 'upload_mapping'] },
  { request: 'POST upload_mappings', api: ['create_upload_mapping'] },
  { request: 'PUT upload_mappings', api: ['update_upload_mapping'] },
  { request: 'DELETE upload_mappings', api: ['delete_upload_mapping'] },
  { request: 'GET streaming_profiles', api: ['list_streaming_profiles'] },
  { request: 'GET streaming_profiles/{name}', api: ['get_streaming_profile'] },
  { request: 'POST streaming_profiles', api: ['create_streaming_profile'] },
  { request: 'PUT streaming_profiles/{name}', api: ['update_streaming_profile'] },
  { request: 'DELETE streaming_profiles/{name}', api: ['delete_streaming_profile'] },
  { request: 'GET metadata_fields', api: ['list_metadata_fields'] },
  { request: 'POST metadata_fields', api: ['add_metadata_field'] },
  { request: 'GET metadata_fields/{name}', api: ['metadata_field_by_field_id'] },
  { request: 'PUT metadata_fields/{name}', api: ['update_metadata_field', 'reorder_metadata_fields'] },
  { request: 'DELETE metadata_fields/{name}', api: ['delete_metadata_field'] },
  { request: 'PUT metadata_fields/{name}/datasource', api: ['update_metadata_field_datasource'] },
  { request: 'DELETE metadata_fields/{name}/datasource', api: ['delete_datasource_entries'] },
  { request: 'POST metadata_fields/{name}/datasource_restore', api: ['restore_metadata_field_datasource'] },
  { request: 'POST metadata_fields/{name}/datasource/order', api: ['order_metadata_field_datasource'] },
  { request: 'GET metadata_rules', api: ['list_metadata_rules'] },
  { request: 'POST metadata_rules', api: ['add_metadata_rule'] },
  { request: 'PUT metadata_rules/{name}', api: ['update_metadata_rule'] },
  { request: 'DELETE metadata_rules/{name}', api: ['delete_metadata_rule'] },

  { request: 'POST /v2/generate/{cloud}/text_to_image', mcp: ['generate-image'] },
  { request: 'POST /v2/generate/{cloud}/image_to_image', mcp: ['generate-image-from-images'] },
  { request: 'GET /v2/generate/{cloud}/tasks/{name}', mcp: ['get-generation-task'] },
];

/** Parameters of Cloudinary's upload API for operations that take few of them. Upload and explicit take all. */
export const uploadApiParameters: Readonly<Record<string, readonly string[]>> = {
  rename: ['context', 'metadata', 'notification_url'],
  destroy: ['notification_url'],
  destroy_by_asset_id: ['notification_url'],
  tags: [],
  context: [],
  metadata: ['clear_invalid'],
};
