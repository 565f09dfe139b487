export { type FileOriginalsOptions, fileOriginals } from './file-originals.ts';
