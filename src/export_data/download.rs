//! Fetching an export from S3: what there is to decide, without any I/O.

mod address;
mod region;
mod resume;

pub(crate) use self::address::object_url;
pub(crate) use self::region::region_named;
pub(crate) use self::resume::{Partial, Step, judge};
