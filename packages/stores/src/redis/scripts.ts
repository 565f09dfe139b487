import { createHash } from 'node:crypto';

/** A script for `EVALSHA`, with the hash by which the server knows it. */
export interface RedisScript {
  readonly text: string;
  readonly sha1: string;
}

/**
 * Takes a lease, then reads. `KEYS`: the lease, then the keys to read. `ARGV`: the token, the TTL in milliseconds.
 * Returns the token of the holder, and the values.
 */
export const takeScript: RedisScript = script(`
local holder = redis.call('SET', KEYS[1], ARGV[1], 'NX', 'GET', 'PX', ARGV[2])
return { holder or ARGV[1], #KEYS > 1 and redis.call('MGET', unpack(KEYS, 2)) or {} }
`);

/**
 * Writes a record if its conditions are true. `KEYS`: the record, the lease, then the marks. `ARGV`: the text, its TTL, the
 * text that was read before ('' if the key was absent), the TTL of the marks, the token ('' without a lease), then a text
 * for each mark. Returns `written`, `moved`, or `stored` with the text that is there.
 */
export const recordScript: RedisScript = script(`
local token = ARGV[5]
local function release()
  if token ~= '' then redis.call('DEL', KEYS[2]) end
end
if token ~= '' and redis.call('GET', KEYS[2]) ~= token then return { 'moved' } end
for i = 3, #KEYS do
  if redis.call('GET', KEYS[i]) ~= ARGV[i + 3] then
    release()
    return { 'moved' }
  end
end
local stored = redis.call('GET', KEYS[1])
if (stored or '') ~= ARGV[3] then return { 'stored', stored } end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
for i = 3, #KEYS do redis.call('PEXPIRE', KEYS[i], ARGV[4], 'GT') end
release()
return { 'written' }
`);

/** Ends a lease, unless another holder has it. `KEYS`: the lease. `ARGV`: the token. */
export const releaseScript: RedisScript = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`);

function script(text: string): RedisScript {
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}
