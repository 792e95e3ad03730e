import { createHash } from "node:crypto";

/** A script that the server knows by its digest once it has run it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

function script(text: string): Script {
  let sha: string | undefined;
  return {
    text,
    get sha(): string {
      return sha ??= createHash("sha1").update(text).digest("hex");
    },
  };
}

/**
 * A client that gives no bytes gets and sends text: bytes that are not ASCII,
 * and the percent sign, as `%` and two digits. What is stored is the same.
 */
const TEXT = `
local function out(v)
  if not v or ARGV[1] ~= 't' then return v end
  return (string.gsub(v, '[%%\\128-\\255]', function(c)
    return string.format('%%%02x', string.byte(c))
  end))
end
local function into(v)
  if ARGV[1] ~= 't' or not string.find(v, '%', 1, true) then return v end
  return (string.gsub(v, '%%(%x%x)', function(h)
    return string.char(tonumber(h, 16))
  end))
end
`;

const TELL = `
local function tell(channel, message)
  if message ~= '' then redis.call('PUBLISH', channel, message) end
end
`;

/** What is under a key that is of another type, or not ours, is nothing. */
const GET = `
local function get(key)
  local v = redis.pcall('GET', key)
  if type(v) ~= 'string' then return false end
  return v
end
`;

const PUT = `
local function put(key, value, px)
  if px == '0' then redis.call('SET', key, value)
  else redis.call('SET', key, value, 'PX', px) end
end
`;

/** ARGV: mode. Gives value and milliseconds left by turns. */
export const READ: Script = script(`${TEXT}${GET}
local found = {}
for i, key in ipairs(KEYS) do
  local v = get(key)
  found[2 * i - 1] = out(v)
  found[2 * i] = v and redis.call('PTTL', key) or -2
end
return found`);

/**
 * KEYS: value, lock, fence. ARGV: mode, epoch, token, life, forced. Gives what
 * is the case (0 fresh, 1 mine, 2 taken), the value, its milliseconds, and the
 * fence or the milliseconds of the lock.
 *
 * The fence is the server's clock where that is ahead of the last one, so that
 * its key may expire: one that starts again is still greater.
 */
export const CLAIM: Script = script(`${TEXT}${GET}
local v = get(KEYS[1])
local left = -2
if v then
  left = redis.call('PTTL', KEYS[1])
  local epoch, grace = string.match(v, '^o1:(%d+):(%d+):')
  if epoch ~= ARGV[2] then
    v = false
  elseif ARGV[5] ~= '1' and (left == -1 or left > tonumber(grace)) then
    return {0, out(v), left, 0}
  end
end
local holder = get(KEYS[2])
if holder and holder ~= ARGV[3] then
  return {2, out(v), left, redis.call('PTTL', KEYS[2])}
end
local fence = tonumber(get(KEYS[3]) or '0') or 0
if not holder or fence == 0 then
  local time = redis.call('TIME')
  fence = math.max(fence + 1, time[1] * 1000000 + time[2])
end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
redis.call('SET', KEYS[3], string.format('%.0f', fence), 'PX', 86400000)
return {1, out(v), left, string.format('%.0f', fence)}`);

/** KEYS: lock. ARGV: token, life. */
export const RENEW: Script = script(`${GET}
if get(KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`);

/** KEYS: value, lock. ARGV: mode, token, value, life, channel, message. */
export const COMMIT: Script = script(`${TEXT}${TELL}${GET}${PUT}
if get(KEYS[2]) ~= ARGV[2] then return 0 end
put(KEYS[1], into(ARGV[3]), ARGV[4])
redis.call('DEL', KEYS[2])
tell(ARGV[5], ARGV[6])
return 1`);

/** KEYS: lock. ARGV: token, channel, message. */
export const RELEASE: Script = script(`${TELL}${GET}
if get(KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
tell(ARGV[2], ARGV[3])
return 1`);

/** KEYS: value, lock. ARGV: mode, value, life, channel, message. */
export const WRITE: Script = script(`${TEXT}${TELL}${PUT}
put(KEYS[1], into(ARGV[2]), ARGV[3])
redis.call('DEL', KEYS[2])
tell(ARGV[4], ARGV[5])
return 1`);

/** KEYS: values and locks. ARGV: channel, message. */
export const REMOVE: Script = script(`${TELL}
for _, key in ipairs(KEYS) do redis.call('DEL', key) end
tell(ARGV[1], ARGV[2])
return 1`);

/** KEYS: value, lock. ARGV: fresh, grace, channel, message. */
export const EXPIRE: Script = script(`${TELL}${GET}
local v = get(KEYS[1])
if v then
  local left = redis.call('PTTL', KEYS[1])
  local epoch, grace, rest = string.match(v, '^o1:(%d+):(%d+):()')
  if epoch and (left == -1 or left > tonumber(grace)) then
    local life = tonumber(ARGV[1]) + tonumber(ARGV[2])
    if life == 0 then
      redis.call('DEL', KEYS[1])
    else
      redis.call('SET', KEYS[1],
        'o1:' .. epoch .. ':' .. ARGV[2] .. ':' .. string.sub(v, rest),
        'PX', string.format('%.0f', life))
    end
  end
end
redis.call('DEL', KEYS[2])
tell(ARGV[3], ARGV[4])
return 1`);

/** KEYS: counters. ARGV: channel, message. */
export const RAISE: Script = script(`${TELL}
local raised = {}
for i, key in ipairs(KEYS) do raised[i] = redis.call('INCR', key) end
tell(ARGV[1], ARGV[2])
return raised`);
