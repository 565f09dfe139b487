import ts from 'typescript-6';

/** Instrumented code calls this global function with the number of the function that is entered. */
export const enterName = '__safelightTraceEnter';

interface Insertion {
  readonly position: number;
  readonly text: string;
}

/**
 * Inserts a call at the entry of each function of a JavaScript module. The call comes first in the body: default values
 * of parameters are evaluated before it, and a generator is entered when it first runs. Field initialisers and static
 * blocks are not entries.
 * @param register - gives the number of a function, by its name
 */
export function instrument(path: string, source: string, register: (functionName: string) => number): string {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  const insertions: Insertion[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      insertions.push(...entryCall(node.body, file, `${enterName}(${register(nameOf(node))})`));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return insert(source, insertions);
}

function entryCall(body: ts.Node, file: ts.SourceFile, call: string): readonly Insertion[] {
  // Legal before `super()` too, since the call does not touch `this`.
  if (ts.isBlock(body)) return [{ position: body.getStart(file) + 1, text: `${call};` }];
  return [
    { position: body.getStart(file), text: `(${call},` },
    { position: body.end, text: ')' },
  ];
}

/** Insertions at the same position keep their order, which is from the outer function to the inner one. */
function insert(source: string, insertions: readonly Insertion[]): string {
  let text = '';
  let copied = 0;
  for (const { position, text: inserted } of insertions.toSorted((a, b) => a.position - b.position)) {
    text += source.slice(copied, position) + inserted;
    copied = position;
  }
  return text + source.slice(copied);
}

/** The function's name, or the name of the function around it. */
function nameOf(node: ts.Node): string {
  const around = ts.findAncestor(node.parent, (ancestor) => ownName(ancestor) !== undefined);
  return ownName(node) ?? (around === undefined ? '(anonymous)' : `(in ${ownName(around)})`);
}

/** The function's own name, or the name of the variable or property that holds the function. */
function ownName(node: ts.Node): string | undefined {
  if (!ts.isFunctionLike(node)) return undefined;
  if (ts.isConstructorDeclaration(node)) return `new ${node.parent.name?.text ?? 'class'}`;
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  const isValue = ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent);
  return isValue && parent.initializer === node ? parent.name.getText() : undefined;
}
