//! A 128-bit hash, fast for short inputs. Its seeds belong to the process, so that nobody can construct two
//! schemas with the same hash.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::LazyLock;

static SEEDS: LazyLock<[u64; 4]> = LazyLock::new(|| {
    let random = RandomState::new();
    std::array::from_fn(|i| random.hash_one(i) | 1)
});

/// The input of a [`Hasher`], as 64-bit words.
macro_rules! by_words {
    () => {
        fn write(&mut self, bytes: &[u8]) {
            for chunk in bytes.chunks(8) {
                let mut word = [0; 8];
                word[..chunk.len()].copy_from_slice(chunk);
                self.write_u64(u64::from_le_bytes(word));
            }
            self.write_usize(bytes.len());
        }

        fn write_u8(&mut self, n: u8) {
            self.write_u64(n.into());
        }

        fn write_u32(&mut self, n: u32) {
            self.write_u64(n.into());
        }

        fn write_usize(&mut self, n: usize) {
            self.write_u64(n as u64);
        }

        fn write_u128(&mut self, n: u128) {
            self.write_u64(u64::try_from(n >> 64).unwrap_or_default());
            self.write_u64(u64::try_from(n & u128::from(u64::MAX)).unwrap_or_default());
        }
    };
}

/// Two lanes of folded multiplications.
pub(super) struct Wide {
    lanes: [u64; 2],
    keys: [u64; 2],
}

impl Wide {
    pub(super) fn new() -> Wide {
        let [a, b, c, d] = *SEEDS;
        Wide { lanes: [a, b], keys: [c, d] }
    }

    pub(super) fn value(&self) -> u128 {
        let [a, b] = self.lanes;
        u128::from(fold(a, self.keys[1])) << 64 | u128::from(fold(b, self.keys[0]))
    }
}

/// The hash of the input.
pub(super) fn wide(feed: impl FnOnce(&mut Wide)) -> u128 {
    let mut hasher = Wide::new();
    feed(&mut hasher);
    hasher.value()
}

fn fold(x: u64, y: u64) -> u64 {
    let product = u128::from(x) * u128::from(y);
    let [a, b] = [product & u128::from(u64::MAX), product >> 64];
    u64::try_from(a ^ b).unwrap_or_default()
}

/// For maps in the kernel: one lane, with the process's own seed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seeded;

impl BuildHasher for Seeded {
    type Hasher = Quick;

    fn build_hasher(&self) -> Quick {
        let [lane, _, key, _] = *SEEDS;
        Quick { lane, key }
    }
}

/// One lane of folded multiplications.
#[derive(Debug)]
pub(crate) struct Quick {
    lane: u64,
    key: u64,
}

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        self.lane
    }

    fn write_u64(&mut self, n: u64) {
        self.lane = fold(self.lane ^ n, self.key);
    }

    by_words!();
}

impl Hasher for Wide {
    fn finish(&self) -> u64 {
        self.lanes[0] ^ self.lanes[1]
    }

    fn write_u64(&mut self, n: u64) {
        let [a, b] = self.lanes;
        self.lanes = [fold(a ^ n, self.keys[0]), fold(b ^ n.rotate_left(32), self.keys[1])];
    }

    by_words!();
}
