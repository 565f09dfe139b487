import ts from 'typescript-6';

/** The global function that instrumented code calls with the number of the function that is entered. */
export const enterName = '__safelightTraceEnter';

interface Insertion {
  readonly position: number;
  readonly text: string;
}

/**
 * Inserts a call at the entry of each function of a JavaScript module. The call comes first in the body, so default
 * values of parameters are evaluated before it. Field initialisers and static blocks are not entries.
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

/** Its own name, or the name of the variable or property that it is the value of, or where it is. */
function nameOf(node: ts.Node): string {
  if (ts.isConstructorDeclaration(node)) return `new ${node.parent.name?.text ?? 'class'}`;
  const own = (node as { name?: ts.Node }).name;
  if (own !== undefined) return own.getText();
  const { parent } = node;
  if ((ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) && parent.initializer === node) {
    return parent.name.getText();
  }
  const around = ts.findAncestor(parent, ts.isFunctionLike);
  return around === undefined ? '(anonymous)' : `(in ${nameOf(around)})`;
}
