import { readFile } from 'node:fs/promises';

const pageBytes = 4096;

/**
 * The resident memory of a process in bytes, read from outside.
 *
 * @returns `undefined` where the system has no `/proc`, such as macOS and Windows, or when the process has ended
 */
export async function residentMemory(pid: number): Promise<number | undefined> {
  try {
    const [, residentPages] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ');
    return Number(residentPages) * pageBytes;
  } catch {
    return undefined;
  }
}
