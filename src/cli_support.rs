//! What the command line shares with the library: no part of the public interface.

pub use crate::data::export::exports_in;
pub use crate::data::keys::export_path;
pub use crate::data::upload::abort_all as abort_uploads;
pub use crate::fs::atomic::{AtomicFile, CompleteFile, directory_of, remove_temporary_files};
pub use crate::fs::names;
pub use crate::fs::part_names::PartNames;
pub use crate::fs::read::read_file;
pub use crate::text::{Escaped, Spaced, controls_terminal};
