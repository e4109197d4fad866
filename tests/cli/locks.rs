//! File systems without locks, such as NFS without a lock manager; strace makes `flock` fail alike.

use std::process::Command;

use super::{Home, Ran};

#[test]
fn goes_on_with_a_warning_if_files_cannot_be_locked() {
    for (error, text) in [
        ("ENOLCK", "No locks available (os error 37)"),
        ("EOPNOTSUPP", "Operation not supported (os error 95)"),
    ] {
        let home = Home::new();
        let inject = format!("inject=flock:error={error}");
        let traced = ["-f", "-qq", "-o", "/dev/null", "-e", &inject];
        let program = ["export-all", "--local", "--state=state.json", "--to=out"];
        let output = Command::new("strace")
            .args(traced)
            .arg(env!("CARGO_BIN_EXE_simpledb-export"))
            .args(program)
            .env("HOME", home.path())
            .current_dir(home.path())
            .output();
        let ran = Ran::from(output.expect("strace, which .ci/run installs"));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        for file in ["state.json.lock", "Books.lock"] {
            let warning = format!(
                "{file}: cannot be locked: {text}; make sure that no other process does the same \
                 work at the same time\n"
            );
            assert!(ran.stderr.contains(&warning), "{ran:?}");
        }
    }
}
