//! The scripts: one conditional write each, on one key.
//!
//! A script writes, or returns the item that prevented it. The rules of the stores then determine
//! the reason, as for DynamoDB. Times are arguments, and no script reads the server's clock.

/// The fields of an item: status, owner, expiry in seconds, end of the lease in milliseconds,
/// whether an expired lease blocks, fingerprint of the payload, result.
pub(crate) const FIELDS: usize = 7;

/// Arguments: second and millisecond of now, owner, expiry, end of the lease, `1` if it blocks,
/// fingerprint or an empty text, milliseconds until the server may delete the key.
pub(crate) const CLAIM: &str = r"
local item = redis.call('HMGET', KEYS[1], 's', 'o', 'e', 'u', 'b', 'p', 'r')
if redis.call('EXISTS', KEYS[1]) == 1 then
  local over = tonumber(item[3]) < tonumber(ARGV[1])
  local taken = item[1] == 'i' and item[5] ~= '1' and tonumber(item[4]) < tonumber(ARGV[2])
  if not over and not taken then return item end
  redis.call('DEL', KEYS[1])
end
redis.call('HSET', KEYS[1], 's', 'i', 'o', ARGV[3], 'e', ARGV[4], 'u', ARGV[5], 'b', ARGV[6])
if ARGV[7] ~= '' then redis.call('HSET', KEYS[1], 'p', ARGV[7]) end
redis.call('PEXPIRE', KEYS[1], ARGV[8])
return {}
";

/// Arguments: owner, expiry, end of the lease, `1` if it blocks, milliseconds until the server may
/// delete the key.
pub(crate) const RENEW: &str = r"
local item = redis.call('HMGET', KEYS[1], 's', 'o', 'e', 'u', 'b', 'p', 'r')
if item[1] ~= 'i' or item[2] ~= ARGV[1] then return item end
redis.call('HSET', KEYS[1], 'e', ARGV[2], 'u', ARGV[3], 'b', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return {}
";

/// Arguments: owner, expiry, milliseconds until the server may delete the key, and the result, if
/// any.
pub(crate) const COMPLETE: &str = r"
local item = redis.call('HMGET', KEYS[1], 's', 'o', 'e', 'u', 'b', 'p', 'r')
if item[1] ~= 'i' or item[2] ~= ARGV[1] then return item end
redis.call('HSET', KEYS[1], 's', 'c', 'e', ARGV[2])
redis.call('HDEL', KEYS[1], 'u', 'b')
if ARGV[4] then redis.call('HSET', KEYS[1], 'r', ARGV[4]) end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {}
";

/// Argument: owner.
pub(crate) const RELEASE: &str = r"
local item = redis.call('HMGET', KEYS[1], 's', 'o', 'e', 'u', 'b', 'p', 'r')
if item[1] ~= 'i' or item[2] ~= ARGV[1] then return item end
redis.call('DEL', KEYS[1])
return {}
";

pub(crate) const FORGET: &str = r"
redis.call('DEL', KEYS[1])
return {}
";
