//! What derived and generated code names, as `__private::v0_1::v0_1`: the release stands in the path, so that code of
//! another release does not take it for its own.

/// The internals of this release.
pub mod v0_1 {
    pub use crate::generated::{literal, no_value, object, same};
    pub use {event_shape, jiff, serde, serde_json};

    /// Whether serde's derives took a type: `BySerde::<T>::IS`, with [`NotBySerde`] in scope.
    pub struct BySerde<T: ?Sized>(core::marker::PhantomData<T>);

    impl<T: serde::Serialize + ?Sized> BySerde<T> {
        /// They did.
        pub const IS: bool = true;
    }

    /// What [`BySerde::IS`](BySerde) is for a type that serde did not take.
    pub trait NotBySerde {
        /// They did not.
        const IS: bool = false;
    }

    impl<T: ?Sized> NotBySerde for BySerde<T> {}

    /// Panics in const evaluation where serde took an attribute that the derive does not know.
    #[track_caller]
    pub const fn known_to_serde_alone(taken: bool, text: &str) {
        assert!(!taken, "{}", text);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn path_of_internals_carries_the_release() {
        let release =
            concat!("v", env!("CARGO_PKG_VERSION_MAJOR"), "_", env!("CARGO_PKG_VERSION_MINOR"));
        assert!(include_str!("private.rs").contains(&format!("pub mod {release} {{")));
        let release = release.trim_start_matches('v').replace('_', ".");
        assert!(include_str!("lib.rs").contains(&format!("(\"{release}\") => {{")));
    }
}
