import { join, relative } from 'node:path';
import ts from 'typescript-6';
import { manifestOf, packageNames, root } from '../architecture/source-files.ts';
import type { Snippet } from './compile.ts';

/** A function or a class that a package exports. */
export interface PublicFunction {
  readonly name: string;
  /** The first entry of the package that exports it, such as `@safelight/client/url`. */
  readonly entry: string;
  /** Its file and line. */
  readonly place: string;
  /** Its `@example`s, each as a module that imports the names of that entry that it uses. */
  readonly examples: readonly Snippet[];
}

/** VERSIONING.md excludes this entry from the public API. */
const notPublic = '@safelight/express/runtime';

/** The public functions of all packages, from their sources. */
export function publicFunctions(): readonly PublicFunction[] {
  const entries = packageNames().flatMap((name) =>
    Object.entries(manifestOf(name).exports).flatMap(([path, target]) =>
      typeof target === 'string'
        ? []
        : [
            {
              entry: `@safelight/${name}${path.slice(1)}`,
              file: join(root, 'packages', name, sourceOf(target.default)),
            },
          ],
    ),
  );
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      allowImportingTsExtensions: true,
      noEmit: true,
      strict: true,
      types: ['node'],
    },
  );
  const checker = program.getTypeChecker();
  const found = new Map<ts.Symbol, PublicFunction>();
  for (const { entry, file } of entries) {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} is not a module.`);
    if (entry === notPublic) continue;
    const exported = checker.getExportsOfModule(module);
    const names = exported.map(({ name }) => name);
    for (const symbol of exported) {
      const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const declaration = functionOf(real, checker);
      if (declaration === undefined || found.has(real)) continue;
      const place = placeOf(declaration, declaration.getStart());
      found.set(real, { name: symbol.name, entry, place, examples: examplesOf(declaration, entry, names) });
    }
  }
  return [...found.values()];
}

/** `./dist/url.js` comes from `src/url.ts`. */
function sourceOf(code: string): string {
  return code.replace('./dist/', 'src/').replace(/\.js$/, '.ts');
}

/** The declaration of a function, a class or a constant that can be called; `undefined` for all others. */
function functionOf(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Declaration | undefined {
  const [declaration] = symbol.declarations ?? [];
  if (declaration === undefined || !declaration.getSourceFile().fileName.startsWith(join(root, 'packages'))) return;
  if (ts.isFunctionDeclaration(declaration) || ts.isClassDeclaration(declaration)) return declaration;
  const isCallable =
    ts.isVariableDeclaration(declaration) &&
    checker.getTypeOfSymbolAtLocation(symbol, declaration).getCallSignatures().length > 0;
  return isCallable ? declaration : undefined;
}

function placeOf(node: ts.Node, position: number): string {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(position);
  return `${relative(root, file.fileName).replaceAll('\\', '/')}:${line + 1}`;
}

function examplesOf(declaration: ts.Declaration, entry: string, names: readonly string[]): readonly Snippet[] {
  return ts
    .getJSDocTags(declaration)
    .filter((tag) => tag.tagName.text === 'example')
    .map((tag) => {
      const file = tag.getSourceFile();
      const from = file.getLineAndCharacterOfPosition(tag.getStart()).line;
      const to = file.getLineAndCharacterOfPosition(tag.getEnd()).line;
      // Each line of a comment begins with an asterisk; the line of `@example` itself has no code.
      const lines = file.text
        .split(/\r?\n/)
        .slice(from + 1, to + 1)
        .map((line) => line.replace(/^\s*\* ?/, ''));
      const code = lines.filter((line) => !line.startsWith('/')).join('\n');
      const before = [importOf(entry, names, code), ...Array.from({ length: from }, () => '')];
      const path = relative(root, file.fileName).replaceAll('\\', '/');
      return { path, line: from + 2, module: `${before.join('\n')}\n${code}\n` };
    });
}

/** Imports the names of its entry that the code uses, except those that it declares or imports itself. */
function importOf(entry: string, names: readonly string[], code: string): string {
  const own = (name: string) =>
    new RegExp(`\\b(?:import\\b[^;]*|const|let|function|class|interface|type)\\s*\\{?[^;=]*\\b${name}\\b`).test(code);
  const used = names.filter((name) => new RegExp(`(?<![.\\w'])${name}\\b`).test(code) && !own(name));
  return `import { ${used.join(', ')} } from '${entry}'; export {};`;
}
