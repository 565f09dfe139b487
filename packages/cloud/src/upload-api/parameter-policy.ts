/**
 * What happens to the parameters of Cloudinary's upload API that Safelight does not offer. The tables are also the
 * source of docs/compatibility.md.
 *
 * Refused are all that would change the stored file, the picture, its readers or its notifications, and all that ask for
 * something in the response. Each has the reason, or what to do instead.
 */
export const refusedParameters: Readonly<Record<string, string>> = {
  ...each('Only public assets are offered here.', ['access_control', 'access_mode']),
  ...each('Safelight sends no notifications. The response comes after the change.', [
    'notification_url',
    'eager_notification_url',
    'callback',
    'on_success',
  ]),
  ...each('The original is stored as it is sent. Write the transformation into the delivery URL.', [
    'transformation',
    'format',
    'quality_override',
    'raw_convert',
    'background_removal',
    'eval',
  ]),
  ...each('Give x, y, width and height in the transformation, with c_crop.', [
    'face_coordinates',
    'custom_coordinates',
    'regions',
  ]),
  ...each('Safelight does not analyse files.', [
    'colors',
    'faces',
    'phash',
    'exif',
    'image_metadata',
    'media_metadata',
    'quality_analysis',
    'accessibility_analysis',
    'cinemagraph_analysis',
    'visual_search',
    'auto_chaptering',
    'auto_transcription',
    'moderation',
    'categorization',
    'auto_tagging',
    'detection',
    'ocr',
    'similarity_search',
  ]),
  responsive_breakpoints: 'Choose widths in the page; @safelight/client has imgAttrs for it.',
  return_delete_token: 'Destroy the asset with a signed call.',
  headers: 'The server sets the headers of deliveries.',
  proxy: 'The server fetches remote files directly.',
  async: 'The response comes when the asset is stored.',
  use_asset_folder_as_public_id_prefix: 'Send folder, which is a part of the public ID.',
  use_filename_as_display_name: 'Send display_name.',
  unique_display_name: 'Names are not compared.',
  discard_original_filename: 'Send filename_override with another name.',
};

/** Parameters that are accepted although they change nothing here, each with the reason. */
export const ignoredParameters: Readonly<Record<string, string>> = {
  backup: 'Older versions stay as they are, so each upload has a backup (`--keep-versions`).',
  clear_invalid: 'Metadata is stored as it was sent.',
};

/** Parameters that change nothing in one operation only, each with the reason. */
export const ignoredParametersOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  explicit: each('No file, and no public ID is changed.', [
    ...['folder', 'public_id_prefix', 'use_filename', 'unique_filename', 'filename_override', 'allowed_formats'],
    ...['overwrite', 'upload_preset'],
  ]),
  rename: {
    context: 'The response always has the context.',
    metadata: 'The response always has the metadata.',
  },
};

function each(reason: string, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, reason]));
}

/** Values that turn a parameter off. The official MCP server sends some parameters always, as `false`. */
const off: ReadonlySet<string> = new Set(['', 'false', '0', 'null', '[]', '{}']);

/**
 * The first parameter that is refused.
 *
 * @param isOffered - whether the operation takes a parameter of the table after all
 */
export function findRefused(
  fields: ReadonlyMap<string, string>,
  isOffered: (name: string) => boolean = () => false,
): string | undefined {
  for (const [name, value] of fields) {
    if (!Object.hasOwn(refusedParameters, name) || off.has(value) || isOffered(name)) continue;
    // The default of Cloudinary's API, which some SDKs send.
    if (name === 'access_mode' && value === 'public') continue;
    return `Parameter ${name} is not offered here. ${refusedParameters[name]} Leave it out.`;
  }
  return undefined;
}
