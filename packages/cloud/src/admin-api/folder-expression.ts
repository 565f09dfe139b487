import type { FolderQuery } from '@safelight/core';
import { badRequest } from '../upload-api/api-error.ts';

/**
 * Reads the expression of a search for folders: one condition on the name or the path. `=` means the whole path, `:` and
 * a word without a field mean a part of it.
 *
 * @throws {ApiError} 400 when it is another expression
 */
export function readFolderExpression(expression: string): FolderQuery['matches'] {
  const found =
    /^\s*(?:(?<field>name|path)\s*(?<operator>[:=]))?\s*(?:"(?<quoted>[^"]*)"|(?<plain>[^\s"=:()]+))\s*$/.exec(
      expression,
    )?.groups;
  if (found === undefined) {
    throw badRequest(
      `Invalid value for parameter expression: ${expression.slice(0, 100)}. Expected one condition, such as name:shoes*, path="a/b" or shoes`,
    );
  }
  const text = (found['quoted'] ?? found['plain'] ?? '').replace(/\/?\*$/, '');
  if (text === '') return undefined;
  return { text, isExact: found['field'] === 'path' && found['operator'] === '=' };
}
