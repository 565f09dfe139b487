export { type FileDerivativesOptions, fileDerivatives } from './file-derivatives.ts';
export { type FileOriginalsOptions, fileOriginals } from './file-originals.ts';
export { UnknownSchemaError } from './version-records.ts';
