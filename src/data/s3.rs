//! S3 as the library uses it: addresses, signed requests, and what to do about refusals.

pub(crate) mod address;
pub(crate) mod bucket;
pub(crate) mod call;
pub(crate) mod options;
pub(crate) mod refusal;
pub(crate) mod region;
pub(crate) mod resume;
