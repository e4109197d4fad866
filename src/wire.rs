//! How bytes become values, and values become bytes.

pub(crate) mod arn;
pub(crate) mod error_body;
#[cfg(any(feature = "data", feature = "local"))]
pub(crate) mod item;
pub(crate) mod json;
pub(crate) mod object;
pub(crate) mod percent;
pub(crate) mod timestamp;
pub(crate) mod xml;
