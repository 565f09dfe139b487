import type { Change, Fault, Read, Violation } from './history.ts';

/** Writes a violation with its part of the history, one line for each event, in the order of time. */
export function explainViolation({ promise, what, calls, faults }: Violation): string {
  const first = Math.min(...calls.map(({ startedAt }) => startedAt));
  const at = (instant: number): string => `${((instant - first) / 1000).toFixed(3)}`.padStart(8);
  const events = [
    ...calls.map((call) => ({ ...call, text: call.kind === 'read' ? readText(call) : changeText(call) })),
    ...faults.map((fault) => ({ ...fault, text: faultText(fault) })),
  ].sort((a, b) => a.startedAt - b.startedAt);
  const lines = events.map(({ startedAt, endedAt, text }) => `  ${at(startedAt)} to ${at(endedAt)} s  ${text}`);
  return [`${promise}: ${what}`, ...lines].join('\n');
}

function readText({
  number,
  asset,
  derivation,
  version,
  server,
  status,
  code,
  source,
  shown,
  isStorable,
}: Read): string {
  const url = `${version === undefined ? '' : `/v${version}/`}${asset} (${derivation})`;
  const bytes = shown === undefined ? '' : ` shows ${shown ?? 'nothing'}`;
  const seen = [status ?? 'no response', code, source, isStorable ? undefined : 'no-store'];
  return `#${number} GET ${url} by server ${server ?? '?'}: ${seen.filter((part) => part !== undefined).join(', ')}${bytes}`;
}

function changeText({ number, kind, shows, version, server, status, result }: Change): string {
  const assets = Object.entries(shows).map(([asset, shown]) => `${asset} = ${shown ?? 'nothing'}`);
  const made = version === undefined ? '' : `, version ${version}`;
  return `#${number} ${kind} ${assets.join(', ')} by server ${server ?? '?'}: ${status ?? 'no response'}, ${result}${made}`;
}

function faultText({ kind, servers }: Fault): string {
  return `fault: ${kind}, servers ${servers.join(', ')}`;
}
