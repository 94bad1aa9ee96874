/**
 * One lease of one bucket, in one step, by the server's clock. The bucket is `debt:at` as in contracts/token-bucket.ts, and is gone when
 * it would be full. KEYS: the bucket. ARGV: limit, period in µs, need, ahead, returned. Gives granted, remaining and µs to the
 * next token. One key a call: it runs on a cluster as well.
 */
export const LEASE_SCRIPT = `
local limit, period = tonumber(ARGV[1]), tonumber(ARGV[2])
local need, ahead, returned = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local debt, at = 0, now
local kept = redis.call('GET', KEYS[1])
if kept then
  local colon = string.find(kept, ':', 1, true)
  debt, at = tonumber(string.sub(kept, 1, colon - 1)), tonumber(string.sub(kept, colon + 1))
  if now > at then
    debt, at = math.max(0, debt - (now - at) * limit), now
  else
    at = math.min(at, now + period)
  end
end
debt = math.max(0, debt - returned * period)
local free = math.max(0, limit - math.ceil(debt / period))
local granted = math.min(need, free)
granted = granted + math.min(ahead, math.floor((free - granted) / 4))
debt = debt + granted * period
if debt > 0 then
  if granted > 0 or returned > 0 then
    local full = (debt / limit + at - now) / 1000
    redis.call('SET', KEYS[1], string.format('%.0f:%.0f', debt, at), 'PX', string.format('%.0f', math.ceil(full) + 1))
  end
elseif kept then
  redis.call('DEL', KEYS[1])
end
local next = 0
if debt > 0 then
  next = math.ceil((debt - (math.ceil(debt / period) - 1) * period) / limit + at - now)
end
return { granted, free - granted, string.format('%.0f', next) }
`;
