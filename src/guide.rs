//! Guides, one per subject. They contain no code of the crate.
//!
//! | Subject | Page |
//! |---|---|
//! | From an account to tables in a database | [`journey`] |
//! | Settings and profiles | [`config`](crate::config) |
//! | Where credentials come from | [`DefaultChain`](crate::credentials::DefaultChain) |
//! | Waiting for an export | [`ExportWaiter`](crate::ExportWaiter) |
//! | Errors, and what to do about each | [`errors`] |
//! | Permissions | [`permissions`] |
//! | The exported data and its types | [`data`](crate::data) |
//! | Reading converted files in DuckDB, pandas, polars, Spark or PostgreSQL | [`readers`] |
//! | Loading a domain into SQLite, PostgreSQL or MySQL | [`sql`] |
//! | Many domains | [`many_domains`] |
//! | Many machines, Athena and Spark | [`beyond_one_machine`] |
//! | Testing a program without an AWS account | [`testing`] |
//! | Build scripts | [`build_scripts`] |
//! | Small machines and other processors | [`targets`] |
//! | Security | [`security`] |

#[doc = include_str!("guide/beyond_one_machine.md")]
#[doc = "```python"]
#[doc = include_str!("../examples/spark/typed_items.py")]
#[doc = "```"]
pub mod beyond_one_machine {}

#[doc = include_str!("guide/build_scripts.md")]
pub mod build_scripts {}

#[doc = include_str!("guide/errors.md")]
pub mod errors {}

#[doc = include_str!("guide/journey.md")]
pub mod journey {}

#[doc = include_str!("guide/many_domains.md")]
pub mod many_domains {}

#[doc = include_str!("guide/permissions.md")]
pub mod permissions {}

#[doc = include_str!("guide/readers.md")]
pub mod readers {}

#[doc = include_str!("guide/security.md")]
pub mod security {}

#[doc = include_str!("guide/sql.md")]
pub mod sql {}

#[doc = include_str!("guide/targets.md")]
pub mod targets {}

#[doc = include_str!("guide/testing.md")]
pub mod testing {}
