/** The number in `user_version`. Increase it when the tables change: an index with another number is built again. */
export const indexSchema = 1;
/** The number in `application_id`, which tells an index from other databases: the letters `SFLI`. */
export const indexApplication = 0x53_46_4c_49;

/**
 * The tables. `asset` has what conditions and orders read, `record` the complete records as JSON. A missing text is `''`,
 * a missing number -1.
 */
export const indexTables: string = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE asset (
  id INTEGER PRIMARY KEY, resource_type TEXT NOT NULL, public_id TEXT NOT NULL, asset_id TEXT NOT NULL,
  folder TEXT NOT NULL, filename TEXT NOT NULL, asset_folder TEXT NOT NULL, display_name TEXT NOT NULL,
  format TEXT NOT NULL, etag TEXT NOT NULL, created_at REAL NOT NULL, bytes REAL NOT NULL, width REAL NOT NULL,
  height REAL NOT NULL, pixels REAL NOT NULL, aspect_ratio REAL NOT NULL, has_metadata INTEGER NOT NULL,
  built INTEGER NOT NULL);
CREATE UNIQUE INDEX asset_name ON asset (resource_type, public_id);
CREATE TABLE record (id INTEGER PRIMARY KEY, json TEXT NOT NULL);
CREATE TABLE metadata (asset INTEGER PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE tag (folded TEXT, tag TEXT, asset INTEGER, PRIMARY KEY (folded, tag, asset)) WITHOUT ROWID;
CREATE TABLE tag_use (resource_type TEXT, tag TEXT, assets INTEGER, PRIMARY KEY (resource_type, tag)) WITHOUT ROWID;
CREATE TABLE pair (key TEXT, folded TEXT, asset INTEGER, value TEXT, PRIMARY KEY (key, folded, asset)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(
  public_id, folder, filename, asset_folder, display_name, tags, context, keyed, metadata,
  content='', contentless_delete=1, tokenize='ascii');
CREATE TABLE folder (path TEXT PRIMARY KEY, parent TEXT NOT NULL, assets INTEGER NOT NULL, is_created INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE INDEX folder_parent ON folder (parent, path);
CREATE TABLE derived (
  id TEXT PRIMARY KEY, resource_type TEXT NOT NULL, public_id TEXT NOT NULL, version INTEGER NOT NULL,
  transformation TEXT NOT NULL, format TEXT NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX derived_asset ON derived (resource_type, public_id, id);
CREATE INDEX derived_transformation ON derived (transformation, id);
CREATE TABLE note (resource_type TEXT, public_id TEXT, PRIMARY KEY (resource_type, public_id)) WITHOUT ROWID;
CREATE TABLE changed_while_building (resource_type TEXT, public_id TEXT, PRIMARY KEY (resource_type, public_id))
  WITHOUT ROWID;
INSERT INTO meta VALUES ('phase', 'new'), ('build', 0), ('assets', 0), ('bytes', 0), ('derived', 0);
PRAGMA application_id = ${indexApplication};
PRAGMA user_version = ${indexSchema};
`;

/**
 * Indexes that are created after the first build: sorted rows are written in a fraction of the time that rows in any order
 * take. Until then, lists and searches are complete but slower.
 */
export const laterIndexes: readonly string[] = [
  'asset_time ON asset (resource_type, created_at, public_id)',
  'asset_created_at ON asset (created_at)',
  'asset_bytes ON asset (bytes)',
  'asset_asset_id ON asset (asset_id COLLATE NOCASE)',
  'asset_etag ON asset (etag COLLATE NOCASE)',
  'asset_public_id ON asset (public_id COLLATE NOCASE)',
  'asset_folder ON asset (folder COLLATE NOCASE)',
  'asset_filename ON asset (filename COLLATE NOCASE)',
  'asset_asset_folder ON asset (asset_folder COLLATE NOCASE)',
  'asset_display_name ON asset (display_name COLLATE NOCASE)',
  'pair_value ON pair (folded, asset)',
];
