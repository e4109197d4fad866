//! The cases of AWS's SDKs that concern settings.

mod endpoint_url;
mod endpoints;
