//! The public items are those in `public-api.txt`, so that no change goes unnoticed.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use public_api_listing::{difference, listing};

/// Rewrites the listing if it is set.
const UPDATE: &str = "UPDATE_PUBLIC_API";

#[test]
fn lists_the_public_items_of_the_crate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let documented = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["rustdoc", "--quiet", "--locked", "--lib", "--all-features"])
        .arg("--target-dir")
        .arg(target)
        .args(["--", "-Zunstable-options", "--output-format=json"])
        // The JSON is unstable, but good enough for this.
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("RUSTDOCFLAGS")
        .current_dir(&root)
        .status()
        .unwrap();
    assert!(documented.success(), "cargo rustdoc: {documented}");

    let json = target.join("doc/simpledb_export.json");
    let now = listing(&json).unwrap_or_else(|error| {
        panic!("rustdoc's JSON has a version that the crate public-api does not support: {error}")
    });
    let file = root.join("tests/public-api/public-api.txt");
    if env::var_os(UPDATE).is_some() {
        fs::write(&file, now).unwrap();
        return;
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    if let Some(changes) = difference(&kept, &now) {
        panic!(
            "the public items are not those in tests/public-api/public-api.txt:\n\n{changes}\nA \
             removed line (-) breaks callers, unless an added one (+) is compatible. If the change \
             is intended, rewrite the file and commit it:\n\n    {UPDATE}=1 cargo test \
             --manifest-path tests/public-api/Cargo.toml\n"
        );
    }
}
