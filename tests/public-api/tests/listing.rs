//! The crate offers what `public-api.txt` says, so that nothing changes unseen.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use public_api_listing::{difference, listing};

/// Set to rewrite the listing.
const UPDATE: &str = "UPDATE_PUBLIC_API";

#[test]
fn the_crate_offers_what_the_listing_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let documented = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["rustdoc", "--quiet", "--locked", "--lib", "--all-features"])
        .arg("--target-dir")
        .arg(target)
        .args(["--", "-Zunstable-options", "--output-format=json"])
        // The JSON is for nightly versions only, and good enough for this.
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("RUSTDOCFLAGS")
        .current_dir(&root)
        .status()
        .unwrap();
    assert!(documented.success(), "cargo rustdoc: {documented}");

    let json = target.join("doc/simpledb_export.json");
    let now = listing(&json).unwrap_or_else(|error| {
        panic!("rustdoc's JSON is of another version of Rust than public-api knows: {error}")
    });
    let file = root.join("tests/public-api/public-api.txt");
    if env::var_os(UPDATE).is_some() {
        fs::write(&file, now).unwrap();
        return;
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    if let Some(changes) = difference(&kept, &now) {
        panic!(
            "tests/public-api/public-api.txt does not say what the crate offers:\n\n{changes}\nA line that is gone \
             (-) breaks callers, unless it came back (+) in a form that takes and gives all that \
             it did. Where the change is meant, rewrite the file and commit it:\n\n    {UPDATE}=1 \
             cargo test --manifest-path tests/public-api/Cargo.toml\n"
        );
    }
}
