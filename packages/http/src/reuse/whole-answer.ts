import { type AnswerHead, fieldText } from './answer-head.ts';

/**
 * Whether these were all bytes of a picture (RFC 9111 section 3.3): as many as were announced, and not none. To be asked
 * when the answer has ended well; one that broke off is not whole whatever came of it.
 */
export function isWhole({ headers }: Pick<AnswerHead, 'headers'>, bytes: number): boolean {
  const announced = fieldText(headers, 'content-length');
  return bytes > 0 && (announced === undefined || announced === String(bytes));
}
