import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { deliveryHeaders } from '../respond.ts';
import { fieldOf, without } from './answer-headers.ts';
import type { HeaderFields } from './representation.ts';

const accessNames = Object.keys(deliveryHeaders).map((name) => name.toLowerCase());

/**
 * Headers to send beside those that the application has set on a response. Who may read an answer is for the
 * application to say (`cors`, `helmet`): those of its headers stay. So does what it varies by, or shared caches would
 * give one origin's answer to another. The very object that was given, when there is nothing to leave out.
 */
export function besideApplication(res: ServerResponse, headers: HeaderFields): OutgoingHttpHeaders {
  const isDecided = accessNames.some((name) => res.hasHeader(name));
  const rest = isDecided ? without(headers, new Set(accessNames.filter((name) => res.hasHeader(name)))) : headers;
  const vary = res.hasHeader('vary') ? fieldOf(rest, 'Vary') : undefined;
  if (vary === undefined) return rest as OutgoingHttpHeaders;
  return { ...without(rest, varyAlone), Vary: union(String(res.getHeader('vary')), vary) } as OutgoingHttpHeaders;
}

const varyAlone: ReadonlySet<string> = new Set(['vary']);

function union(one: string, other: string): string {
  const names = new Map<string, string>();
  for (const name of `${one},${other}`.split(',').map((text) => text.trim())) {
    if (name !== '' && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  }
  return names.has('*') ? '*' : [...names.values()].join(', ');
}
