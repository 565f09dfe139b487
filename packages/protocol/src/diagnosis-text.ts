import { type Diagnosis, type DiagnosisLayer, type DiagnosisMistake, verdicts } from './diagnosis.ts';
import { durationText } from './duration-text.ts';

const labelWidth = 10;

/**
 * Writes a diagnosis as text for people.
 *
 * @returns several lines, without a line end after the last one
 * @example
 * import { why } from '@safelight/client/why';
 * const diagnosis = await why('https://img.example.com/demo/image/upload/cat.jpg');
 * console.log(formatDiagnosis(diagnosis));
 * // GET /demo/image/upload/cat.jpg -> 404   [missing_original]
 * //  verdict   The original has not been uploaded.
 */
export function formatDiagnosis(diagnosis: Diagnosis): string {
  const { url, status, verdict, summary, layers, fixes, warnings = [] } = diagnosis;
  const rows: readonly (readonly [label: string, text: string])[] = [
    ['verdict', oneLine(summary ?? verdicts[verdict].says)],
    ['heals', healsText(diagnosis)],
    ['where', layers.map(layerText).join(' | ')],
    ['original', oneLine(originalText(diagnosis))],
    ['transform', transformText(diagnosis)],
    ['fix now', oneLine(fixes.map((fix) => (fix.url ? `${fix.label} -> ${fix.url}` : fix.label)).join(' | '))],
    ['evidence', oneLine(evidenceText(diagnosis))],
    ['warning', oneLine(warnings.join(' | '))],
  ];
  const lines = rows.filter(([, text]) => text !== '').map(([label, text]) => ` ${label.padEnd(labelWidth)}${text}`);
  return [`GET ${oneLine(url)} -> ${status ?? 'unknown'}   [${verdict}]`, ...lines].join('\n');
}

function healsText({ remainingMs, maxMs, attempt, windowMs, nextTtlMs }: Diagnosis): string {
  const healsIn =
    remainingMs === null ? maxMs && `unknown, in at most ${durationText(maxMs)}` : `in ${durationText(remainingMs)}`;
  if (!healsIn) return '';
  const held = [
    ...(attempt === undefined ? [] : [`attempt ${attempt}`]),
    ...(windowMs === undefined ? [] : [`held for ${durationText(windowMs)}`]),
  ].join(', ');
  return [
    healsIn,
    ...(held === '' ? [] : [held]),
    ...(nextTtlMs === undefined ? [] : [`one more failure: ${durationText(nextTtlMs)}`]),
  ].join('; ');
}

function layerText({ name, state, remainingMs, maxMs }: DiagnosisLayer): string {
  if (state !== 'hit') return `${name} ${state}`;
  if (remainingMs !== null) return `${name} ${durationText(remainingMs)}`;
  return `${name} hit, for ${maxMs === undefined ? 'how long is unknown' : `at most ${durationText(maxMs)}`}`;
}

function transformText({ transformation, mistake }: Diagnosis): string {
  if (mistake !== undefined) return withCarets(mistake);
  return transformation === undefined ? '' : `parsed: ${oneLine(transformation) || 'none'}`;
}

/** The text, and on the next line carets below the piece. */
function withCarets({ text, at, piece, suggestion }: DiagnosisMistake): string {
  const margin = ' '.repeat(1 + labelWidth + oneLine(text.slice(0, at)).length);
  const carets = '^'.repeat(Math.max(1, oneLine(piece).length));
  const hint = suggestion === undefined ? '' : ` did you mean ${oneLine(suggestion)}?`;
  return `${oneLine(text)}\n${margin}${carets}${hint}`;
}

function originalText({ original }: Diagnosis): string {
  const { exists, version, format, width, height } = original;
  if (exists === null) return 'unknown';
  if (!exists) return 'does not exist';
  const size = width === undefined || height === undefined ? undefined : `${width}x${height}`;
  const picture = [format, size].filter((part) => part !== undefined).join(' ');
  return ['exists', picture, version === undefined ? '' : `version ${version}`]
    .filter((part) => part !== '')
    .join(', ');
}

function evidenceText({ evidence, requestId }: Diagnosis): string {
  const entries = Object.entries(evidence).map(([name, value]) => `${name}: ${value}`);
  return [...entries, ...(requestId === undefined ? [] : [`request ${requestId}`])].join(' | ');
}

/**
 * Replaces control characters, because text from URLs and headers must not send control sequences to a terminal. Each
 * one becomes one space, so that the carets stay below the piece.
 */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ');
}
