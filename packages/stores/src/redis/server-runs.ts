import { type RedisClientLike, readServerFacts } from './redis-client.ts';

/**
 * Knows the run of the server, so that marks of an earlier run count as absent. A server that has crashed may come back
 * with an old snapshot: then old marks and old records are back together, and would count again.
 */
export interface ServerRuns {
  /**
   * The ID of the present run; `undefined` when runs cannot be told apart. Get it before a command is sent: the commands of
   * a connection are done in their order, so the result of the command is of this run or a later one.
   */
  current(): Promise<string | undefined>;
}

export interface ServerRunsOptions {
  /** Gets one warning when runs cannot be told apart. */
  readonly onWarning: (warning: Error) => void;
}

export function createServerRuns(client: RedisClientLike, { onWarning }: ServerRunsOptions): ServerRuns {
  let isOff = client.info === undefined || client.masters !== undefined;
  let current: Promise<string | undefined> | undefined;

  function turnOff(reason: string): undefined {
    if (!isOff) {
      onWarning(
        new Error(
          `${reason} So a server that comes back with an old snapshot may bring old failures and pictures back.`,
        ),
      );
    }
    isOff = true;
    return undefined;
  }

  /** Asks twice: behind a proxy the two responses may come from two servers. */
  async function ask(): Promise<string | undefined> {
    const [first, second] = await Promise.all([runOf(client), runOf(client)]);
    if (isOff) return undefined;
    if (first === undefined) return turnOff('The store does not tell its run_id in INFO server.');
    if (first !== second) return turnOff('The run_id of the store alternates, as it does behind a proxy.');
    return first;
  }

  // A connection belongs to one run.
  client.on('ready', () => {
    current = undefined;
  });

  return {
    current() {
      if (isOff) return never;
      if (current === undefined) {
        const asked = ask();
        current = asked;
        asked.catch(() => {
          if (current === asked) current = undefined;
        });
      }
      return current;
    },
  };
}

const never = Promise.resolve(undefined);

async function runOf(client: RedisClientLike): Promise<string | undefined> {
  return readServerFacts(String(await client.info?.('server'))).runId;
}
