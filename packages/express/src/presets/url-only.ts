import type { GuardRouteOptions } from '../guard/guard-route-options.ts';

/**
 * Options for a server that looks at nothing but the URL, and at the request fields that its preset puts into the name of
 * a derivation. Its refusals concern the picture, and hosts make no difference to it.
 */
export const urlOnly: Pick<GuardRouteOptions, 'hold' | 'hosts'> = { hold: 'all', hosts: [] };
