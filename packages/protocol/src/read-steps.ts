import { parseComponent, problem, type TransformationProblem } from './component-text.ts';
import type { NamedTransformation } from './named-transformation.ts';
import type { TransformationStep } from './transformation.ts';

/** The largest number of components. Each component may need a pass over the picture. */
export const maxComponents = 32;

/** The steps of a text, each canonical by itself, or the reason why the text is refused. */
export type ReadSteps =
  | {
      readonly ok: true;
      readonly steps: readonly TransformationStep[];
      readonly placeholder: string | undefined;
      readonly isNamed: boolean;
    }
  | TransformationProblem;

/**
 * Reads the components of a text, with the steps of the named transformations in it. Never throws, unless `find` does.
 *
 * @param find - finds the transformation that `t_` names
 */
export function readSteps(text: string, find: (name: string) => NamedTransformation | undefined): ReadSteps {
  const components = text.split('/').filter((component) => component !== '');
  if (components.length > maxComponents) return tooMany(components.length, components[maxComponents] ?? '');
  const steps: TransformationStep[] = [];
  let isNamed = false;
  let placeholder: string | undefined;
  for (const component of components) {
    const parsed = parseComponent(component);
    if (!parsed.ok) return parsed;
    const placeholders = [parsed.placeholder];
    for (const name of parsed.named) {
      const found = find(name);
      if (found === undefined) return problem('not_offered', 'Unknown named transformation', `t_${name}`);
      isNamed = true;
      steps.push(...found.steps);
      placeholders.unshift(found.placeholder);
    }
    for (const image of placeholders) {
      if (image !== undefined && placeholder !== undefined && placeholder !== image) {
        const message = 'Two different values for default image in transformation';
        return { ok: false, code: 'bad_transformation', message, piece: `d_${image}` };
      }
      placeholder = image ?? placeholder;
    }
    if (Object.keys(parsed.step).length > 0) steps.push(parsed.step);
    if (steps.length > maxComponents) return tooMany(steps.length, component);
  }
  return { ok: true, steps, placeholder, isNamed };
}

function tooMany(count: number, piece: string): TransformationProblem {
  const message = `Too many components in transformation: ${count}, at most ${maxComponents}`;
  return { ok: false, code: 'bad_transformation', message, piece };
}
