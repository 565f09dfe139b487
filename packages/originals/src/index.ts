export {
  type IndexedOriginals,
  type IndexedOriginalsOptions,
  indexedOriginals,
} from './asset-index/indexed-originals.ts';
export { type SqliteAssetIndexOptions, sqliteAssetIndex } from './asset-index/sqlite-asset-index.ts';
export { type FileDerivativesOptions, fileDerivatives } from './file-derivatives.ts';
export { type FileOriginalsOptions, fileOriginals } from './file-originals.ts';
export { UnknownSchemaError } from './version-records.ts';
