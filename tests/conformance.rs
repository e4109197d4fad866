//! Test suites of AWS's SDKs and others. Without them these tests say so and pass.

#[cfg(feature = "data")]
mod exported_data;
mod hostile_json;
mod restjson1;
mod retry;
mod timestamps;
mod wire;
