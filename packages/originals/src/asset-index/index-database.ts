import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';

export type SqlValue = SQLInputValue;
type Row = Readonly<Record<string, unknown>>;

/** A connection that prepares each text of SQL once. */
export interface IndexDatabase {
  run(sql: string, ...values: readonly SqlValue[]): number;
  get<T = Row>(sql: string, ...values: readonly SqlValue[]): T | undefined;
  all<T = Row>(sql: string, ...values: readonly SqlValue[]): readonly T[];
  /** Text of SQL without values, which may have several statements. */
  exec(sql: string): void;
  close(): void;
}

export function createIndexDatabase(database: DatabaseSync): IndexDatabase {
  // Orders and conditions can be combined in many ways.
  const statements = new LRUCache<string, StatementSync>({ max: 500 });
  const prepared = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    run: (sql, ...values) => Number(prepared(sql).run(...values).changes),
    get: <T>(sql: string, ...values: readonly SqlValue[]) => prepared(sql).get(...values) as T | undefined,
    all: <T>(sql: string, ...values: readonly SqlValue[]) => prepared(sql).all(...values) as T[],
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
  };
}
