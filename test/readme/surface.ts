import { join } from 'node:path';
import ts from 'typescript-6';
import { type EntryTarget, manifestOf, packageNames, root } from '../architecture/source-files.ts';

/** The names that a user of the packages can write. */
export interface Surface {
  /** The exports of each entry, values and types, by the name of the entry: `@safelight/client/url`. */
  readonly exported: ReadonlyMap<string, ReadonlySet<string>>;
  /** The parts of the exports of each package, by the name of the package. */
  readonly within: ReadonlyMap<string, Inside>;
}

export interface Inside {
  /** Names of members, which may be functions. */
  readonly members: Set<string>;
  /** Texts in union types, such as codes; and the names of commands. */
  readonly texts: Set<string>;
}

/** Reads the declarations in `dist`, starting from the entries of all packages. */
export function readSurface(): Surface {
  const entries = packageNames().flatMap((name) =>
    Object.entries(manifestOf(name).exports).flatMap(([path, target]) =>
      typeof target === 'string'
        ? []
        : [{ name, entry: `@safelight/${name}${path.slice(1)}`, file: fileOf(name, target) }],
    ),
  );
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      noLib: true,
      types: [],
    },
  );
  const checker = program.getTypeChecker();
  const exported = new Map<string, ReadonlySet<string>>();
  const within = new Map<string, Inside>();
  for (const { name, entry, file } of entries) {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} is not a module. Run pnpm build.`);
    const symbols = checker.getExportsOfModule(module);
    exported.set(entry, new Set(symbols.map((symbol) => symbol.name)));
    const inside = within.get(name) ?? { members: new Set(), texts: new Set(Object.keys(manifestOf(name).bin ?? {})) };
    collect(symbols, checker, inside);
    within.set(name, inside);
  }
  return { exported, within };
}

function fileOf(name: string, { types }: EntryTarget): string {
  return join(root, 'packages', name, types.default);
}

/** Collects names from the declarations of symbols, and from all declarations to which these refer. */
function collect(symbols: readonly ts.Symbol[], checker: ts.TypeChecker, { members, texts }: Inside): void {
  const seen = new Set<ts.Symbol>();
  const enter = (symbol: ts.Symbol): void => {
    const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    if (seen.has(real)) return;
    seen.add(real);
    for (const declaration of real.declarations ?? []) {
      if (declaration.getSourceFile().fileName.startsWith(join(root, 'packages'))) visit(declaration);
    }
  };
  const visit = (node: ts.Node): void => {
    if (isMember(node)) members.add(node.name.getText());
    if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) texts.add(node.literal.text);
    const referred = referenceOf(node);
    const symbol = referred && checker.getSymbolAtLocation(referred);
    if (symbol !== undefined) enter(symbol);
    node.forEachChild(visit);
  };
  for (const symbol of symbols) enter(symbol);
}

function isMember(
  node: ts.Node,
): node is ts.PropertySignature | ts.MethodSignature | (ts.ClassElement & { name: ts.PropertyName }) {
  if (ts.isPropertySignature(node) || ts.isMethodSignature(node)) return true;
  const isOfClass = ts.isPropertyDeclaration(node) || ts.isMethodDeclaration(node) || ts.isAccessor(node);
  return isOfClass && (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) === 0;
}

function referenceOf(node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName;
  if (ts.isExpressionWithTypeArguments(node)) return node.expression;
  if (ts.isTypeQueryNode(node)) return node.exprName;
  return ts.isImportTypeNode(node) ? node.qualifier : undefined;
}
