import { failure } from './exit-code.ts';

const name = '@keyv/redis';

/**
 * The client for Redis. It is an optional peer: most servers keep failures in their own process and do not need it.
 * @throws {CommandError} when it is not installed
 */
export async function loadRedis(): Promise<typeof import('@keyv/redis')> {
  try {
    return await import('@keyv/redis');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // A module that the client itself imports may be missing too. That is another error.
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes(`'${name}'`)) throw error;
    throw failure(`--store needs the package ${name}, which is not installed; run: npm install ${name}`, error);
  }
}
