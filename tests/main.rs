//! Everything that is tested from outside of the crate, as one binary.

mod conformance;
