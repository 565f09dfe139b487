/** An operation of Cloudinary's API that is not offered, and what to do instead. */
export interface OperationNotOffered {
  /** Its name in Cloudinary's documentation. */
  readonly name: string;
  /** Matches the path below `/v1_1/{cloud}/`. */
  readonly path: RegExp;
  readonly instead: string;
}

const noConversion = 'Safelight makes pictures out of one original.';
const options = 'Set it in the options of the server.';

/** The operations that are not offered. docs/compatibility.md is made from this table. */
export const operationsNotOffered: readonly OperationNotOffered[] = [
  { name: 'text', path: /^image\/text$/, instead: noConversion },
  { name: 'multi, sprite, explode', path: /^\w+\/(?:multi|sprite|explode)$/, instead: noConversion },
  { name: 'create_slideshow', path: /^video\/create_slideshow$/, instead: noConversion },
  {
    name: 'generate_archive, download_archive',
    path: /^\w+\/(?:generate_archive|download_archive|download_zip)$/,
    instead: 'Download each asset by its url.',
  },
  { name: 'private_download', path: /^\w+\/download$/, instead: 'All assets are public: use their url.' },
  {
    name: 'download_backup',
    path: /^download_backup$/,
    instead: 'Use the url of the version, which stays as it is (`--keep-versions`).',
  },
  { name: 'delete_by_token', path: /^delete_by_token$/, instead: 'Destroy the asset with a signed call.' },
  {
    name: 'metadata fields and rules',
    path: /^metadata_(?:fields|rules)/,
    instead: 'Metadata is stored as it is sent.',
  },
  { name: 'streaming profiles', path: /^streaming_profiles/, instead: 'Videos are delivered as they were uploaded.' },
  { name: 'upload mappings', path: /^upload_mappings/, instead: 'Upload each file with its URL as file.' },
  { name: 'creation of upload presets', path: /^upload_presets/, instead: options },
  { name: 'creation of transformations', path: /^transformations/, instead: options },
  {
    name: 'folder move',
    path: /^folders\//,
    instead: 'Rename each asset, so that its public ID begins with the new folder.',
  },
  { name: 'related assets', path: /^resources\/related_assets/, instead: 'Give assets that belong together one tag.' },
  { name: 'visual search', path: /^resources\/visual_search/, instead: 'Search by tags, names and context.' },
  { name: 'access mode', path: /update_access_mode$/, instead: 'All assets are public.' },
  { name: 'publish', path: /publish_resources$/, instead: 'All assets are public.' },
  { name: 'moderation', path: /moderations/, instead: 'Safelight has no moderation.' },
  {
    name: 'private and authenticated types',
    path: /^resources\/(?:image|video|raw)\/(?:private|authenticated)/,
    instead: 'Only type upload is offered.',
  },
  {
    name: 'fetched and social pictures',
    path: /^resources\/(?:image|video|raw)\/(?:fetch|facebook|twitter|gravatar|sprite|multi|text)/,
    instead: 'Only type upload is offered. Upload the picture with its URL as file.',
  },
  {
    name: 'restore by asset IDs, deletion of backups',
    path: /^resources\/(?:restore|backup|\w+\/backup)/,
    instead: 'Send POST resources/{resource_type}/upload/restore with public_ids and versions.',
  },
  { name: 'analysis', path: /^(?:v2\/)?analysis/, instead: 'Safelight does not analyse files.' },
  {
    name: 'webhooks',
    path: /^triggers/,
    instead: 'Safelight sends no notifications. The response comes after the change.',
  },
  { name: 'generated images', path: /^image\/generate/, instead: noConversion },
];

/** What to do instead of a call that is not offered. */
export function insteadOf(call: string): string | undefined {
  return operationsNotOffered.find(({ path }) => path.test(call))?.instead;
}
