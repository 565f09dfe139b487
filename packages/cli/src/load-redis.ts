import { failure } from './exit-code.ts';

const name = '@redis/client';

/**
 * Loads the client for Redis. It is an optional peer dependency, because most servers remember failures in their own
 * process.
 * @throws {CommandError} when it is not installed
 */
export async function loadRedis(): Promise<typeof import('@redis/client')> {
  try {
    return await import('@redis/client');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // When a module that the client itself imports is missing, the error is passed on.
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes(`'${name}'`)) throw error;
    throw failure(`--store needs the package ${name}, which is not installed; run: npm install ${name}`, error);
  }
}
