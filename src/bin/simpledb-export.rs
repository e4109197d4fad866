//! The command line of `simpledb-export`.

// Cargo would look for the modules of a binary next to its root, among other binaries.
#[path = "simpledb-export/app.rs"]
mod app;

fn main() -> std::process::ExitCode {
    app::run()
}
