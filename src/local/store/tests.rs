use std::fs;
use std::io::{Read, Write};

use super::*;
use crate::tests::temp_dir::TempDir;

fn put(bucket: &Bucket<'_>, key: &str, text: &str) -> Result<[u8; 16], StoreError> {
    let mut object = bucket.create(key)?;
    object.write_all(text.as_bytes())?;
    Ok(object.finish()?)
}

fn get(bucket: &Bucket<'_>, key: &str) -> Result<String, StoreError> {
    let mut text = String::new();
    bucket.open(key)?.file.read_to_string(&mut text)?;
    Ok(text)
}

/// A root next to a file that must stay out of reach.
fn root() -> (TempDir, Store) {
    let dir = TempDir::new();
    dir.write("secret.txt", "secret");
    let store = Store::new(&dir.path().join("root"), false).unwrap();
    store.create_bucket("bucket").unwrap();
    (dir, store)
}

#[test]
fn stores_an_object_under_its_key_and_returns_its_md5() {
    let (dir, store) = root();
    let bucket = store.bucket("bucket").unwrap();
    let md5 = put(&bucket, "a/b c/ä.json", "abc").unwrap();
    assert_eq!(hex::encode(md5), "900150983cd24fb0d6963f7d28e17f72");
    assert_eq!(get(&bucket, "a/b c/ä.json").unwrap(), "abc");
    assert_eq!(dir.files(), ["root/bucket/a/b c/%C3%A4.json", "secret.txt"]);
    put(&bucket, "a/b c/ä.json", "new").unwrap();
    assert_eq!(get(&bucket, "a/b c/ä.json").unwrap(), "new");
}

#[test]
fn an_unfinished_object_leaves_nothing_behind() {
    let (dir, store) = root();
    let bucket = store.bucket("bucket").unwrap();
    let mut object = bucket.create("key").unwrap();
    object.write_all(&vec![b'x'; 200_000]).unwrap();
    assert!(matches!(bucket.open("key"), Err(StoreError::NoSuchKey)));
    let files = dir.files();
    let temporary = files[0].strip_prefix("root/bucket/").unwrap();
    assert!(temporary.starts_with(".simpledb-export-"), "{temporary}");
    assert!(matches!(bucket.open(temporary), Err(StoreError::NoSuchKey)));
    drop(object);
    assert_eq!(dir.files(), ["secret.txt"]);
}

#[test]
fn no_key_leads_out_of_the_bucket_and_no_two_share_a_file() {
    let (dir, store) = root();
    let bucket = store.bucket("bucket").unwrap();
    let keys = [
        "../secret.txt",
        "../../secret.txt",
        "/secret.txt",
        "//secret.txt",
        "a/../../secret.txt",
        "a/./secret.txt",
        "..\\secret.txt",
        "%2E%2E/secret.txt",
        "C:/secret.txt",
        "a\0/secret.txt",
        "end/..",
        "end/.",
        "end/",
    ];
    for key in keys {
        assert!(matches!(bucket.open(key), Err(StoreError::NoSuchKey)));
        put(&bucket, key, key).unwrap();
    }
    for key in keys {
        assert_eq!(get(&bucket, key).unwrap(), key);
    }
    let files = dir.files();
    assert_eq!(files.len(), keys.len() + 1);
    let (outside, inside): (Vec<_>, Vec<_>) = files
        .iter()
        .partition(|name| !name.starts_with("root/bucket/"));
    assert_eq!(outside, ["secret.txt"], "{inside:?}");
    let secret = fs::read_to_string(dir.path().join("secret.txt")).unwrap();
    assert_eq!(secret, "secret");
}

#[cfg(unix)]
#[test]
fn does_not_follow_links_out_of_the_bucket() {
    use std::os::unix::fs::symlink;

    let (dir, store) = root();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("outside")).unwrap();
    symlink(at("outside"), at("root/linked-bucket")).unwrap();
    symlink(at("outside"), at("root/bucket/linked")).unwrap();
    symlink(at("secret.txt"), at("root/bucket/file")).unwrap();
    symlink(at("outside/new"), at("root/bucket/dangling")).unwrap();

    assert!(matches!(
        store.bucket("linked-bucket"),
        Err(StoreError::AccessDenied)
    ));
    let bucket = store.bucket("bucket").unwrap();
    for key in ["linked/key", "linked/deeper/key"] {
        assert!(matches!(
            put(&bucket, key, "x"),
            Err(StoreError::AccessDenied)
        ));
    }
    assert!(matches!(bucket.open("file"), Err(StoreError::AccessDenied)));
    symlink("/dev/null", at("root/bucket/device")).unwrap();
    let device = put(&bucket, "device", "x");
    assert!(matches!(device, Err(StoreError::AccessDenied)));
    // Writing replaces a link to a file.
    for key in ["file", "dangling"] {
        put(&bucket, key, "new").unwrap();
        assert_eq!(get(&bucket, key).unwrap(), "new");
    }
    assert_eq!(fs::read_dir(at("outside")).unwrap().count(), 0);
    let secret = fs::read_to_string(at("secret.txt")).unwrap();
    assert_eq!(secret, "secret");
}

#[test]
fn a_bucket_must_exist_unless_it_may_be_created() {
    let (dir, store) = root();
    dir.write("root/file", "not a directory");
    for name in ["missing", "..", ".", "", "bucket/..", "file", "a\0b"] {
        assert!(
            matches!(store.bucket(name), Err(StoreError::NoSuchBucket)),
            "{name}"
        );
    }
    assert!(store.bucket_for_writing("missing").is_err());
    let generous = Store::new(&dir.path().join("root"), true).unwrap();
    generous.bucket_for_writing("missing").unwrap();
    store.bucket("missing").unwrap();
    assert_eq!(
        store.create_bucket("../x").unwrap_err().to_string(),
        "expected 3 to 63 letters, digits, '.', '-' and '_', with a letter or digit at either end"
    );
}

#[test]
fn rejects_long_keys() {
    let (_dir, store) = root();
    let bucket = store.bucket("bucket").unwrap();
    put(&bucket, &"k".repeat(1024), "x").unwrap();
    for key in ["k".repeat(1025), "a/".repeat(513)] {
        assert!(matches!(bucket.open(&key), Err(StoreError::KeyTooLong)));
        assert!(matches!(
            bucket.create(&key).map(drop),
            Err(StoreError::KeyTooLong)
        ));
    }
}

#[test]
fn codes_are_letters_and_digits_and_messages_say_what_to_do() {
    let table = [
        (
            StoreError::NoSuchBucket,
            "NoSuchBucket",
            "S3NoSuchBucket",
            "the bucket does not exist: create a directory of its name in the root",
        ),
        (
            StoreError::NoSuchKey,
            "NoSuchKey",
            "InternalError",
            "no object with this key",
        ),
        (
            io::Error::from(io::ErrorKind::PermissionDenied).into(),
            "AccessDenied",
            "S3AccessDenied",
            "permission denied in the bucket's directory, or a link leads out of it",
        ),
        (
            io::Error::from(io::ErrorKind::ReadOnlyFilesystem).into(),
            "AccessDenied",
            "S3AccessDenied",
            "permission denied in the bucket's directory, or a link leads out of it",
        ),
        (
            StoreError::KeyTooLong,
            "KeyTooLongError",
            "S3KeyTooLong",
            "the key is longer than 1024 bytes",
        ),
        (
            io::Error::other("the disk is full").into(),
            "InternalError",
            "InternalError",
            "the disk is full",
        ),
    ];
    for (error, code, failure_code, text) in table {
        let (_, s3_code, export_code) = error.codes();
        assert_eq!((s3_code, export_code), (code, failure_code));
        assert_eq!(error.to_string(), text);
        assert!(
            failure_code
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric())
        );
    }
}
