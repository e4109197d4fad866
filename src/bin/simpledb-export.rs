//! The command line of `simpledb-export`.

// Cargo looks for the modules of a binary beside its root, where other binaries would be.
#[path = "simpledb-export/app.rs"]
mod app;

fn main() -> std::process::ExitCode {
    app::run()
}
