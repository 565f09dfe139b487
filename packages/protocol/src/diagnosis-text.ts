import { type Diagnosis, type DiagnosisLayer, verdicts } from './diagnosis.ts';
import { durationText } from './duration-text.ts';

/** A diagnosis for people, several lines without a line end at the end. */
export function formatDiagnosis(diagnosis: Diagnosis): string {
  const { url, status, verdict, summary, layers, transformation } = diagnosis;
  const rows: readonly (readonly [label: string, text: string])[] = [
    ['verdict', summary ?? verdicts[verdict].says],
    ['heals', healing(diagnosis)],
    ['where', layers.map(layerText).join(' | ')],
    ['original', originalText(diagnosis)],
    ['transform', transformation === undefined ? '' : `parsed: ${transformation === '' ? 'none' : transformation}`],
    [
      'fix now',
      diagnosis.fixes.map((fix) => (fix.url === undefined ? fix.label : `${fix.label} -> ${fix.url}`)).join(' | '),
    ],
    ['evidence', evidenceText(diagnosis)],
  ];
  const lines = rows.filter(([, text]) => text !== '').map(([label, text]) => ` ${label.padEnd(9)} ${oneLine(text)}`);
  return [`GET ${oneLine(url)} -> ${status ?? 'unknown'}   [${verdict}]`, ...lines].join('\n');
}

function healing({ remainingMs, attempt, windowMs, nextTtlMs }: Diagnosis): string {
  if (remainingMs === null) return '';
  const held = [
    ...(attempt === undefined ? [] : [`attempt ${attempt}`]),
    ...(windowMs === undefined ? [] : [`held for ${durationText(windowMs)}`]),
  ].join(', ');
  return [
    `in ${durationText(remainingMs)}`,
    ...(held === '' ? [] : [held]),
    ...(nextTtlMs === undefined ? [] : [`one more failure: ${durationText(nextTtlMs)}`]),
  ].join('; ');
}

function layerText({ name, state, remainingMs }: DiagnosisLayer): string {
  if (state !== 'hit') return `${name} ${state}`;
  return remainingMs === null ? `${name} hit, for how long is unknown` : `${name} ${durationText(remainingMs)}`;
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

/** Values come from URLs and headers: nothing in them may steer a terminal. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}
