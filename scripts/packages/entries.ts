/** The parts of a manifest that say which entries a package has. */
export interface EntryManifest {
  readonly exports: Readonly<Record<string, string | EntryTarget>>;
  readonly main?: string;
  readonly types?: string;
  readonly files?: readonly string[];
}

export interface EntryTarget {
  /** A string before `withEntryFields`. */
  readonly types: string | EntryTypes;
  readonly default: string;
}

export interface EntryTypes {
  /** The declarations for TypeScript's CommonJS modules. There is one file of code for all modules. */
  readonly require: string;
  readonly default: string;
}

/** The manifest of an entry's folder, for resolvers that do not read `exports`. */
export interface EntryFolder {
  readonly main: string;
  readonly types: string;
}

/** The entries of a package with code, by their path in `exports`, such as `./url`. */
export function entryTargets({ exports }: EntryManifest): Readonly<Record<string, EntryTarget>> {
  return Object.fromEntries(
    Object.entries(exports).filter((entry): entry is [string, EntryTarget] => typeof entry[1] === 'object'),
  );
}

/** The file with the declarations of an entry. */
export function declarationsOf({ types }: EntryTarget): string {
  return typeof types === 'string' ? types : types.default;
}

/**
 * A manifest with all fields that its entries need:
 * - `types` of each entry has declarations for `require`, or TypeScript refuses the entry in CommonJS modules (TS1479)
 * - `main` and `types` are for resolvers that do not read `exports`: TypeScript's `node10`, Metro and Parcel by default
 * - `files` has the folders of `entryFolders`
 */
export function withEntryFields<Manifest extends EntryManifest>(manifest: Manifest): Manifest {
  const exports = Object.fromEntries(
    Object.entries(manifest.exports).map(([path, target]) => [
      path,
      typeof target === 'string' ? target : { ...target, types: typesOf(declarationsOf(target)) },
    ]),
  );
  const root = entryTargets(manifest)['.'];
  const fields = root && { main: root.default, types: declarationsOf(root) };
  const folders = Object.keys(entryFolders(manifest));
  const files = [...(manifest.files ?? []).filter((file) => !folders.includes(file)), ...folders];
  // The fields stand where npm's pages show them: before `exports`.
  return Object.fromEntries(
    Object.entries({ ...manifest, files }).flatMap(([name, value]) =>
      name === 'exports' ? Object.entries({ ...fields, exports }) : name in (fields ?? {}) ? [] : [[name, value]],
    ),
  ) as unknown as Manifest;
}

/** The folders beside `dist`, by their name; a resolver without `exports` looks for them as for files. */
export function entryFolders(manifest: EntryManifest): Readonly<Record<string, EntryFolder>> {
  return Object.fromEntries(
    Object.entries(entryTargets(manifest))
      .filter(([path]) => path !== '.')
      .map(([path, target]) => [
        path.slice('./'.length),
        { main: `.${target.default}`, types: `.${declarationsOf(target)}` },
      ]),
  );
}

function typesOf(declarations: string): EntryTypes {
  return { require: declarations.replace(/\.d\.ts$/, '.d.cts'), default: declarations };
}
