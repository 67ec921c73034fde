//! IP addresses and blocks of them.

use std::net::Ipv6Addr;

/// An IP address as hexadecimal digits: 8 or 32.
///
/// Only digits and separators are read, so that no name is taken for an address; an IPv6 address that maps an IPv4
/// one is the latter, and octets may have leading zeros, as in Event Ruler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    digits: Vec<u8>,
}

impl Address {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.contains(':') {
            let plain = text.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
            let address: Ipv6Addr = text.parse().ok().filter(|_| plain)?;
            return Some(match address.to_ipv4_mapped() {
                Some(mapped) => Self::of(&mapped.octets()),
                None => Self::of(&address.octets()),
            });
        }
        let mut octets = [0; 4];
        let mut parts = text.split('.');
        for octet in &mut octets {
            let part = parts.next()?;
            let digits = part.trim_start_matches('0');
            if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            *octet = if digits.is_empty() { 0 } else { digits.parse::<u8>().ok()? };
        }
        parts.next().is_none().then(|| Self::of(&octets))
    }

    fn of(octets: &[u8]) -> Self {
        Self { digits: octets.iter().flat_map(|octet| [octet >> 4, octet & 15]).collect() }
    }

    /// Whether a value is this address. Event Ruler compares digit by digit and stops after the last one of the
    /// pattern, so that an IPv6 address may begin with the digits of an IPv4 one.
    pub(super) fn begins(&self, value: &Self) -> bool {
        value.digits.starts_with(&self.digits)
    }
}

/// A block of addresses, such as `10.0.0.0/8`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cidr {
    text: String,
    low: Address,
    high: Address,
}

impl Cidr {
    /// The block as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str =
            "expected an address, a slash and a number of bits, such as `10.0.0.0/8`";
        let (address, bits) = text.split_once('/').ok_or(EXPECTED)?;
        let Address { mut digits } = Address::parse(address).ok_or(EXPECTED)?;
        let bits: usize = bits.parse().map_err(|_| EXPECTED)?;
        if bits >= digits.len() * 4 {
            return Err("expected fewer bits than the address has");
        }
        let mut high = digits.clone();
        for (at, (low, high)) in digits.iter_mut().zip(&mut high).enumerate() {
            let free = 15 >> bits.saturating_sub(at * 4).min(4);
            *low &= !free;
            *high |= free;
        }
        Ok(Self { text: text.to_owned(), low: Address { digits }, high: Address { digits: high } })
    }

    /// Whether a value is an address of this block. Event Ruler compares digit by digit and decides at the first one
    /// that leaves no doubt, whatever the length: `::/0` has all IPv4 addresses as well, but for `0.0.0.0`.
    pub(super) fn contains(&self, text: &str) -> bool {
        let Some(Address { digits }) = Address::parse(text) else { return false };
        let (mut on_low, mut on_high) = (true, true);
        for (at, (&low, &high)) in self.low.digits.iter().zip(&self.high.digits).enumerate() {
            let Some(&digit) = digits.get(at) else { return false };
            if (on_low && digit < low) || (on_high && digit > high) {
                return false;
            }
            on_low &= digit == low;
            on_high &= digit == high;
            if !on_low && !on_high {
                return true;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_contains_its_addresses() {
        let block = Cidr::parse("10.1.0.0/16").unwrap();
        assert!(
            block.contains("10.1.255.255") && !block.contains("10.2.0.0") && !block.contains("::1")
        );
        let odd = Cidr::parse("10.1.0.0/15").unwrap();
        assert!(
            odd.contains("10.0.0.0") && odd.contains("10.1.255.255") && !odd.contains("10.2.0.0")
        );
        let all = Cidr::parse("1.2.3.4/0").unwrap();
        assert!(all.contains("255.0.0.1") && !all.contains("localhost"));
        let v6 = Cidr::parse("2001:db8::/32").unwrap();
        assert!(v6.contains("2001:db8:0:0::7") && !v6.contains("2001:db9::"));
    }

    #[test]
    fn malformed_blocks_are_errors() {
        for text in [
            "10.0.0.0",
            "10.0.0.0/32",
            "10.0.0/8",
            "10.0.0.256/8",
            "::/128",
            "a/8",
            "10.0.0.0/-1",
            "::1.2.3.4/9",
        ] {
            assert!(Cidr::parse(text).is_err(), "{text}");
        }
    }
}
