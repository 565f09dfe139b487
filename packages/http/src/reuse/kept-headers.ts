import { type AnswerHead, fieldText, madeAt, type ReceivedFields } from './answer-head.ts';

/** About one connection or one proxy, not about the answer (RFC 9111 section 3.1, RFC 9110 section 7.6.1). */
const notOfTheAnswer = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Of one client, or of the way that one request took (RFC 9211). */
const ofOneRequest = ['set-cookie', 'cache-status'];

/**
 * The fields of an answer to put away, unknown ones included. Its age goes, because `ageSecondsOf` says what it is by
 * the time of reuse; its date stays, and one that has none gets when it came (RFC 9110 section 6.6.1).
 */
export function keptHeaders(answer: AnswerHead, respondedAt: number): AnswerHead['headers'] {
  const { age: _, ...headers } = lastingHeaders(answer);
  return { ...headers, date: new Date(madeAt(answer, respondedAt)).toUTCString() };
}

/** The fields that say something beyond the one request that they answered. */
export function lastingHeaders({ headers }: AnswerHead): AnswerHead['headers'] {
  const left = new Set([...notOfTheAnswer, ...ofOneRequest, ...namedByConnection(headers)]);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !left.has(name)));
}

function namedByConnection(headers: ReceivedFields): readonly string[] {
  return (fieldText(headers, 'connection') ?? '').split(',').map((name) => name.trim().toLowerCase());
}
