//! Maps the integer versions of the registry to `major.minor`.
//!
//! The registry counts changes of content and has no majors. If the document or the name of the schema states the
//! major, each further registry version is its next minor. Otherwise the change checker decides, from 1.0 on: a version
//! that only adds is the next minor, and one that breaks is the next major. A version that the lock lists keeps its
//! number forever. This module computes numbers; its callers fetch and write.

use std::collections::BTreeMap;

use event_folder::load::Version;

/// A registry version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// The number in the registry.
    pub version: u64,
    /// The sha256 of the content.
    pub sha256: String,
    /// The major that the document or the name states.
    pub major: Option<u32>,
}

/// A version of the event in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// The sha256 of the text.
    pub sha256: String,
    /// The sha256 of the content to upload, if that differs from the text.
    pub content: Option<String>,
    /// Whether the lock records an origin for it.
    pub placed: bool,
}

impl Local {
    /// Returns whether a registry with this content has this version.
    fn is(&self, sha256: &str) -> bool {
        self.sha256 == sha256 || self.content.as_deref() == Some(sha256)
    }
}

/// The version in the folder for a registry version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The lock lists it as this version.
    Locked(Version),
    /// The folder has its text as this version, and the lock does not record an origin.
    Adopted(Version),
    /// It is new in the folder.
    New(Version),
    /// It repeats the content of the registry version before, and is not a version in the folder.
    Repeated,
}

impl Place {
    /// Returns the version in the folder.
    pub fn version(self) -> Option<Version> {
        match self {
            Place::Locked(v) | Place::Adopted(v) | Place::New(v) => Some(v),
            Place::Repeated => None,
        }
    }
}

/// Why a registry version gets no version in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// A later registry version is locked already.
    Behind {
        /// The registry version.
        version: u64,
        /// The later registry version.
        locked: u64,
    },
    /// The folder has a different text as this version.
    Taken {
        /// The registry version.
        version: u64,
        /// The version in the folder.
        here: Version,
    },
    /// The content of a locked version changed in the registry.
    Changed {
        /// The registry version.
        version: u64,
        /// The version in the folder.
        here: Version,
    },
    /// No number is left.
    Exhausted {
        /// The registry version.
        version: u64,
    },
}

/// Numbers the registry versions of one schema, in ascending order. `locked` has the versions that the lock lists, and
/// `local` the versions of the event in the folder. `breaks(earlier, new)` returns whether version `new` breaks one of
/// the earlier ones of its major, all by index. It is called only if nothing else states the major.
///
/// # Errors
///
/// The first refusal, because every later number would depend on it.
pub fn assign(
    remote: &[Numbered],
    locked: &BTreeMap<u64, Version>,
    local: &BTreeMap<Version, Local>,
    mut breaks: impl FnMut(&[usize], usize) -> bool,
) -> Result<Vec<Place>, Refusal> {
    let newest_locked = locked.keys().next_back().copied();
    let mut placed: Vec<(usize, Version)> = Vec::new();
    let mut out = Vec::new();
    for (i, r) in remote.iter().enumerate() {
        let before = placed.last().copied();
        let place = if let Some(here) = locked.get(&r.version) {
            if local.get(here).is_some_and(|l| !l.is(&r.sha256)) {
                return Err(Refusal::Changed { version: r.version, here: *here });
            }
            Place::Locked(*here)
        } else if before.is_some_and(|(b, _)| remote[b].sha256 == r.sha256) {
            Place::Repeated
        } else if let Some(later) = newest_locked.filter(|l| *l > r.version) {
            return Err(Refusal::Behind { version: r.version, locked: later });
        } else {
            let adopted = local.iter().find(|(v, l)| {
                let fits = r.major.map_or_else(
                    || before.is_none_or(|(_, b)| **v > b),
                    |major| {
                        v.major == major && placed.iter().all(|(_, p)| p < v || p.major != major)
                    },
                );
                fits && !l.placed && l.is(&r.sha256)
            });
            if let Some((version, _)) = adopted {
                Place::Adopted(*version)
            } else {
                let next = next(r, &placed, |earlier| breaks(earlier, i));
                let next = next.ok_or(Refusal::Exhausted { version: r.version })?;
                if local.contains_key(&next) {
                    return Err(Refusal::Taken { version: r.version, here: next });
                }
                Place::New(next)
            }
        };
        placed.extend(place.version().map(|v| (i, v)));
        out.push(place);
    }
    Ok(out)
}

fn next(
    r: &Numbered,
    placed: &[(usize, Version)],
    breaks: impl FnOnce(&[usize]) -> bool,
) -> Option<Version> {
    let newest = |major| placed.iter().map(|(_, v)| *v).filter(|v| v.major == major).max();
    let after = |v: Version| Some(Version { major: v.major, minor: v.minor.checked_add(1)? });
    if let Some(major) = r.major {
        return newest(major).map_or(Some(Version { major, minor: 0 }), after);
    }
    let Some(current) = placed.iter().map(|(_, v)| *v).max() else {
        return Some(Version { major: 1, minor: 0 });
    };
    let minors: Vec<usize> =
        placed.iter().filter(|(_, v)| v.major == current.major).map(|(i, _)| *i).collect();
    if breaks(&minors) {
        Some(Version { major: current.major.checked_add(1)?, minor: 0 })
    } else {
        after(current)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn remote(contents: &[(u8, Option<u32>)]) -> Vec<Numbered> {
        let number = |(i, (content, major)): (usize, &(u8, Option<u32>))| Numbered {
            version: i as u64 + 1,
            sha256: content.to_string(),
            major: *major,
        };
        contents.iter().enumerate().map(number).collect()
    }

    fn v(major: u32, minor: u32) -> Version {
        Version { major, minor }
    }

    /// Contents are numbers; a smaller one breaks a larger one.
    fn run(
        remote: &[Numbered],
        locked: &BTreeMap<u64, Version>,
        local: &BTreeMap<Version, Local>,
    ) -> Result<Vec<Place>, Refusal> {
        let number = |i: usize| remote[i].sha256.parse::<u8>().unwrap();
        assign(remote, locked, local, |earlier, new| {
            earlier.iter().any(|e| number(*e) > number(new))
        })
    }

    fn from_nothing(remote: &[Numbered]) -> Vec<Place> {
        run(remote, &BTreeMap::new(), &BTreeMap::new()).unwrap()
    }

    fn after(
        remote: &[Numbered],
        places: &[Place],
    ) -> (BTreeMap<u64, Version>, BTreeMap<Version, Local>) {
        let known = remote.iter().zip(places).filter_map(|(r, p)| Some((r, p.version()?)));
        let local = |(r, v): (&Numbered, Version)| {
            (v, Local { sha256: r.sha256.clone(), content: None, placed: true })
        };
        (known.clone().map(|(r, v)| (r.version, v)).collect(), known.map(local).collect())
    }

    #[test]
    fn change_checker_decides_the_major_where_nothing_states_it() {
        let r = remote(&[(1, None), (2, None), (2, None), (1, None), (3, None)]);
        let expected = [
            Place::New(v(1, 0)),
            Place::New(v(1, 1)),
            Place::Repeated,
            Place::New(v(2, 0)),
            Place::New(v(2, 1)),
        ];
        assert_eq!(from_nothing(&r), expected);
    }

    #[test]
    fn stated_major_is_kept_even_if_the_version_breaks() {
        let r = remote(&[(5, Some(2)), (1, Some(2)), (7, Some(3)), (8, Some(2))]);
        let expected = [v(2, 0), v(2, 1), v(3, 0), v(2, 2)].map(Place::New);
        assert_eq!(from_nothing(&r), expected);
    }

    #[test]
    fn version_in_the_folder_is_adopted_and_a_different_text_is_not_overwritten() {
        let r = remote(&[(1, None), (2, None)]);
        let text = |n: &str| Local { sha256: n.to_owned(), content: None, placed: false };
        let here = BTreeMap::from([(v(1, 0), text("1")), (v(1, 1), text("9"))]);
        assert_eq!(
            run(&r, &BTreeMap::new(), &here),
            Err(Refusal::Taken { version: 2, here: v(1, 1) })
        );
        let here = BTreeMap::from([(v(1, 0), text("1")), (v(1, 1), text("2"))]);
        let expected = vec![Place::Adopted(v(1, 0)), Place::Adopted(v(1, 1))];
        assert_eq!(run(&r, &BTreeMap::new(), &here), Ok(expected));
    }

    #[test]
    fn rewritten_history_is_refused() {
        let r = remote(&[(1, None), (2, None), (3, None)]);
        let locked = BTreeMap::from([(1, v(1, 0)), (3, v(1, 1))]);
        assert_eq!(
            run(&r, &locked, &BTreeMap::new()),
            Err(Refusal::Behind { version: 2, locked: 3 })
        );
        let here =
            BTreeMap::from([(v(1, 0), Local { sha256: "4".into(), content: None, placed: true })]);
        let locked = BTreeMap::from([(1, v(1, 0))]);
        assert_eq!(run(&r, &locked, &here), Err(Refusal::Changed { version: 1, here: v(1, 0) }));
        let r = remote(&[(1, Some(1)), (2, Some(1))]);
        let locked = BTreeMap::from([(1, v(1, u32::MAX))]);
        assert_eq!(run(&r, &locked, &BTreeMap::new()), Err(Refusal::Exhausted { version: 2 }));
    }

    proptest! {
        /// A version has the same number after several pulls as after one pull of everything.
        #[test]
        fn pulls_in_steps_never_renumber(
            contents in prop::collection::vec((0u8..4, prop::option::weighted(0.3, 1u32..4)), 1..12),
            cuts in prop::collection::vec(0usize..12, 0..4),
        ) {
            let all = remote(&contents);
            let whole = from_nothing(&all);
            let (mut locked, mut local) = (BTreeMap::new(), BTreeMap::new());
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(all.len())).collect();
            cuts.push(all.len());
            cuts.sort_unstable();
            for cut in cuts {
                let places = run(&all[..cut], &locked, &local).unwrap();
                let numbers = |p: &[Place]| p.iter().map(|p| p.version()).collect::<Vec<_>>();
                prop_assert_eq!(numbers(&places), numbers(&whole[..cut]));
                (locked, local) = after(&all[..cut], &places);
            }
            let again = run(&all, &locked, &local).unwrap();
            prop_assert!(again.iter().all(|p| matches!(p, Place::Locked(_) | Place::Repeated)));
        }

        /// Each number is used once, and minors count from 0 without a gap.
        #[test]
        fn numbers_have_no_gaps(contents in prop::collection::vec((0u8..4, prop::option::of(1u32..4)), 1..12)) {
            let mut numbers: Vec<Version> = from_nothing(&remote(&contents)).iter().filter_map(|p| p.version()).collect();
            numbers.sort_unstable();
            for (i, n) in numbers.iter().enumerate() {
                let before = numbers[..i].last().filter(|b| b.major == n.major);
                prop_assert_eq!(n.minor, before.map_or(0, |b| b.minor + 1));
            }
        }
    }
}
