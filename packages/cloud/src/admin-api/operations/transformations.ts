import {
  formatTransformation,
  type NamedTransformations,
  type TransformationDescription,
  type TransformationDetails,
} from '@safelight/protocol';
import { notFound } from '../../upload-api/api-error.ts';
import { isReadable, readEager } from '../../upload-api/eager.ts';
import { flag } from '../../upload-api/input.ts';
import { describeDerived } from '../derived-entries.ts';
import { type AdminCall, type AdminOperation, operation } from '../operation.ts';
import { defaultResults, indexOf, nextCursor, pageOf } from '../pages.ts';
import * as schemas from '../schemas.ts';

const ofPages = { max_results: schemas.maxResults.optional(), next_cursor: schemas.cursor.optional() };

interface PageInput {
  readonly max_results?: number | undefined;
  readonly next_cursor?: string | undefined;
}

/** There are few names: they are options of the server. So one page has all. */
export const transformations: AdminOperation = operation({
  name: 'transformations',
  method: 'GET',
  path: 'transformations',
  summary: 'The named transformations; with transformation, what one is and which derivatives were made with it',
  shape: { named: flag.optional(), transformation: schemas.word.optional(), ...ofPages },
  async run({ transformation, named: _, ...page }, call) {
    if (transformation !== undefined) return details(transformation, page, call);
    return { transformations: [...call.context.named.keys()].map((name) => described(name, true)) };
  },
});

export const transformation: AdminOperation = operation({
  name: 'transformation',
  method: 'GET',
  path: 'transformations/{transformation}',
  summary: 'One transformation, by its name or its text, and the derivatives that were made with it',
  shape: { transformation: schemas.word, ...ofPages },
  run: ({ transformation, ...page }, call) => details(transformation, page, call),
});

function described(name: string, named: boolean): TransformationDescription {
  return { name: named ? `t_${name}` : name, allowed_for_strict: named, used: true, named };
}

/** SDKs write the parameters in their own order, and may add the format: `w_20,c_scale/jpg`. */
function canonicalText(given: string, named: NamedTransformations): string {
  const [read] = readEager([given], { named });
  return read !== undefined && isReadable(read) ? formatTransformation(read.transformation) : given;
}

async function details(
  given: string,
  page: PageInput,
  { context, settings }: AdminCall,
): Promise<TransformationDetails> {
  const name = given.replace(/^t_/, '');
  const known = context.named.get(name);
  // The index has the text of the steps, so that equal transformations have one text.
  const text = known === undefined ? canonicalText(given, context.named) : formatTransformation(known.steps);
  const { max_results: limit = defaultResults, next_cursor: after } = page;
  const { entries, next } = await pageOf(indexOf(context), (index) =>
    index.derived({ transformation: text, limit, after }),
  );
  if (known === undefined && entries.length === 0) throw notFound(`Can't find transformation ${given}`);
  const derived: TransformationDetails['derived'][number][] = [];
  for (const entry of entries) {
    const original = await context.originals.find(entry.asset);
    if (original === undefined) continue;
    const { publicId: public_id, resourceType: resource_type } = entry.asset;
    derived.push({ ...describeDerived(entry, original, settings), public_id, resource_type });
  }
  return {
    ...described(known === undefined ? given : name, known !== undefined),
    info: text.split('/').map((raw_transformation) => ({ raw_transformation })),
    derived,
    ...nextCursor(next),
  };
}
