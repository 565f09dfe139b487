import type { IncomingMessage } from 'node:http';
import { ApiError } from './api-error.ts';
import type { PostRoute } from './api-route.ts';
import type { Call } from './call.ts';
import { hasLeft } from './has-left.ts';
import { incomingCall } from './incoming-call.ts';
import type { MadeResponse } from './own-origin.ts';
import { readSubmission } from './read-submission.ts';
import type { PartCall } from './store-part.ts';
import type { ApiContext } from './upload-api-options.ts';

/** One call, before its body is read. */
interface WholeCall extends Omit<PartCall, 'route'> {
  readonly route: PostRoute;
  /** Whether its operation has changed something. */
  readonly hasChanged: () => boolean;
}

/** Reads a call that is not a part, and runs it. */
export async function takeWhole(
  { req, route, limits, hasChanged, ...options }: WholeCall,
  run: (call: Call) => Promise<MadeResponse>,
  context: ApiContext,
): Promise<MadeResponse> {
  const incoming = incomingCall(route, options, context);
  try {
    const submission = await readSubmission(req, limits, incoming.receive);
    try {
      return await run(incoming.read(submission));
    } finally {
      await submission.file?.received.discard().catch(context.onError);
    }
  } catch (error) {
    if (!hasChanged() && mayBeRepeated(error, req)) incoming.giveBackSignature();
    throw error;
  } finally {
    incoming.arrival.end();
  }
}

/** The same call may succeed later: the server was busy, the network was slow, or the client has left. */
function mayBeRepeated(error: unknown, req: IncomingMessage): boolean {
  if (error instanceof ApiError) return error.status === 408 || error.status === 503;
  return hasLeft(error, req);
}
