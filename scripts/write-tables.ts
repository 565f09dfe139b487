/**
 * Writes the reference pages from the protocol's tables, the page of limits from the options, the Postman collection from
 * the OpenAPI document, and the page of compatibility from the tables of the API. With `--check` it writes nothing, and exits with 1 when a page differs from the tables.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { openApiDocuments } from '../packages/cloud/src/openapi/open-api-document.ts';
import {
  defaultLadders,
  durationText,
  type FailureClass,
  failureKinds,
  type ParameterKey,
  parameterKeys,
  parameters,
} from '../packages/protocol/src/index.ts';
import { compatibilityPage } from './compatibility/page.ts';
import { limitsPage } from './limits-page.ts';
import { postmanCollection } from './postman/collection.ts';

const generated = '<!-- Written by scripts/write-tables.ts from the tables in packages/protocol. -->';

const classes: Readonly<Record<FailureClass, string>> = {
  absence: 'The asset has no original. Every derivation of the asset shares the failure, and one upload ends it.',
  missing_version: 'This version does not exist. Other versions, and URLs without a version, are not affected.',
  permanent: 'This derivation fails each time, until the original or the server changes.',
  transient: 'The same request may succeed later, without a change.',
  never: 'The failure is not stored. Each request is processed again.',
};

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function parametersPage(): string {
  const row = (key: ParameterKey): readonly string[] => {
    const { values, meaning, example } = parameters[key];
    return [`\`${key}_\``, values, meaning, `\`${example}\``];
  };
  return `${generated}

# Transformation parameters

A component of a delivery URL is a list of parameters, joined by commas. In code, a component is called a step. Components
are applied from left to right. The order of the parameters inside a component has no meaning. Different spellings of the
same transformation share one cache entry. If a parameter of Cloudinary is not in this table, the URL fails with
\`not_offered\`.

${table(['parameter', 'values', 'meaning', 'example'], parameterKeys.map(row))}

An escape means the plain character: \`%2C\` separates parameters like a comma. Where a value contains a comma, as a public ID
in \`d_\` can, or where a file name in \`fl_attachment:\` contains a dot, escape it twice: \`%252C\`, \`%252E\`.

## Named transformations

\`t_thumb\` stands for the steps of a text that the server knows: the option \`transformations\` of \`cloud()\`, or the file of
\`safelight serve --transformations\`. Derivatives and failures belong to the steps, and not to the name. So after a change of
the text, its URLs have neither the derivatives nor the failures of the old text. A URL with a name is not \`immutable\`, also
with a version, unless it has \`fl_immutable_cache\`. An unknown name is refused with \`not_offered\`. A server has at most
1,000 names. A text has at most 2,048 characters, and 32 steps with those of the names in it.

## Extensions

The extension of an image URL must be a format that \`f_\` offers (also \`jpeg\`, \`jpe\`, \`jfif\`, \`tif\`). Others are refused: a
format of Cloudinary (\`heic\`, \`pdf\`, \`jxl\`, \`bmp\`, \`ico\` …) with \`not_offered\`, all others with \`bad_transformation\`. If a
public ID ends like an extension, write a dot after it: \`cat.v2.\` is the public ID \`cat.v2\`.

\`svg\` is for SVG originals only, and delivers a PNG. An SVG can contain scripts, and only a response header forbids them. A
cache or another host that does not send this header would run them on the origin of your pages.
`;
}

function failureCodesPage(): string {
  const ladder = (failureClass: FailureClass): string => {
    if (failureClass === 'never') return 'not held';
    const { firstMs, maxMs } = defaultLadders[failureClass];
    return `${durationText(firstMs)}, doubling up to ${durationText(maxMs)}`;
  };
  const classRows = (Object.keys(classes) as FailureClass[]).map((name) => [
    `\`${name}\``,
    classes[name],
    ladder(name),
  ]);
  const codeRows = Object.entries(failureKinds).map(([code, kind]) => [
    `\`${code}\``,
    String(kind.status),
    kind.title,
    `\`${kind.class}\``,
  ]);
  return `${generated}

# Failure codes

The response to a failed delivery has the failure code in \`Server-Timing\`. Safelight's own bodies also have it in
\`X-Safelight-Error\`, and clients that accept JSON get it in a problem document. Around a handler of your own, errors stay
[in your own words](guard.md#errors-in-your-own-words). Each code has a class. The class decides how long the failure is held: Safelight
sends the failure again and does not run the handler. The options \`backoff.permanent\` (for the first three classes) and
\`backoff.transient\` change these times.

${table(['class', 'meaning', 'held for'], classRows)}

${table(['code', 'status', 'title', 'class'], codeRows)}
`;
}

const pages: Readonly<Record<string, string>> = {
  'docs/parameters.md': parametersPage(),
  'docs/failure-codes.md': failureCodesPage(),
  'docs/limits.md': limitsPage(
    '<!-- Written by scripts/write-tables.ts from the descriptions of the options. -->',
    table,
  ),
  'docs/compatibility.md': compatibilityPage(
    '<!-- Written by scripts/write-tables.ts from the tables in packages/cloud. -->',
    table,
  ),
  'docs/postman/safelight.postman_collection.json': `${JSON.stringify(postmanCollection(await openApiDocuments()('')), undefined, 2)}\n`,
};

const root = new URL('../', import.meta.url);
for (const [path, text] of Object.entries(pages)) {
  const file = new URL(path, root);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (read(file) !== text) {
    console.error(`${path} differs from the tables. Run: node scripts/write-tables.ts`);
    process.exitCode = 1;
  }
}

/** The text of a page; `undefined` when there is no such file. */
function read(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
