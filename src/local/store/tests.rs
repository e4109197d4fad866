use std::fs;
use std::io::{Read, Write};

use super::*;
use crate::tests::temp_dir::TestFolder;

fn put(bucket: &Bucket, key: &str, text: &str) -> Result<[u8; 16], StoreError> {
    let mut object = bucket.create(key)?;
    object.write_all(text.as_bytes())?;
    object.finish()
}

fn get(bucket: &Bucket, key: &str) -> Result<String, StoreError> {
    let mut text = String::new();
    bucket.open(key)?.file.read_to_string(&mut text)?;
    Ok(text)
}

/// A root in a folder that has something worth stealing beside it.
fn root() -> (TestFolder, Store) {
    let folder = TestFolder::new();
    folder.write("secret.txt", "secret");
    let store = Store::new(&folder.path().join("root"), false).unwrap();
    store.create_bucket("bucket").unwrap();
    (folder, store)
}

#[test]
fn what_was_put_is_there_under_its_key_with_its_md5() {
    let (folder, store) = root();
    let bucket = store.bucket("bucket").unwrap();
    let md5 = put(&bucket, "a/b c/ä.json", "abc").unwrap();
    assert_eq!(hex::encode(md5), "900150983cd24fb0d6963f7d28e17f72");
    assert_eq!(get(&bucket, "a/b c/ä.json").unwrap(), "abc");
    assert_eq!(
        folder.files(),
        ["root/bucket/a/b c/%C3%A4.json", "secret.txt"]
    );
    put(&bucket, "a/b c/ä.json", "new").unwrap();
    assert_eq!(get(&bucket, "a/b c/ä.json").unwrap(), "new");
}

#[test]
fn an_object_that_is_not_finished_leaves_nothing() {
    let (folder, store) = root();
    let bucket = store.bucket("bucket").unwrap();
    let mut object = bucket.create("key").unwrap();
    object.write_all(&vec![b'x'; 200_000]).unwrap();
    assert_eq!(folder.files(), ["root/bucket/%tmp-key", "secret.txt"]);
    assert!(matches!(bucket.open("key"), Err(StoreError::NoSuchKey)));
    assert!(matches!(
        bucket.open("%tmp-key"),
        Err(StoreError::NoSuchKey)
    ));
    drop(object);
    assert_eq!(folder.files(), ["secret.txt"]);
}

#[test]
fn no_key_leads_out_of_the_bucket_and_no_two_share_a_file() {
    let (folder, store) = root();
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
    let files = folder.files();
    assert_eq!(files.len(), keys.len() + 1);
    let (outside, inside): (Vec<_>, Vec<_>) = files
        .iter()
        .partition(|name| !name.starts_with("root/bucket/"));
    assert_eq!(outside, ["secret.txt"], "{inside:?}");
    let secret = fs::read_to_string(folder.path().join("secret.txt")).unwrap();
    assert_eq!(secret, "secret");
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_are_not_followed() {
    use std::os::unix::fs::symlink;

    let (folder, store) = root();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("outside")).unwrap();
    symlink(at("outside"), at("root/linked-bucket")).unwrap();
    symlink(at("outside"), at("root/bucket/linked")).unwrap();
    symlink(at("secret.txt"), at("root/bucket/file")).unwrap();
    symlink(at("outside/new"), at("root/bucket/%tmp-planted")).unwrap();

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
    // To write it puts a file in the place of the link.
    put(&bucket, "file", "new").unwrap();
    assert_eq!(get(&bucket, "file").unwrap(), "new");
    assert!(put(&bucket, "planted", "x").is_err());
    assert_eq!(fs::read_dir(at("outside")).unwrap().count(), 0);
    let secret = fs::read_to_string(at("secret.txt")).unwrap();
    assert_eq!(secret, "secret");
}

#[test]
fn a_bucket_must_exist_unless_it_may_be_made() {
    let (folder, store) = root();
    folder.write("root/file", "no folder");
    for name in ["missing", "..", ".", "", "bucket/..", "file", "a\0b"] {
        assert!(
            matches!(store.bucket(name), Err(StoreError::NoSuchBucket)),
            "{name}"
        );
    }
    assert!(store.bucket_for_writing("missing").is_err());
    let generous = Store::new(&folder.path().join("root"), true).unwrap();
    generous.bucket_for_writing("missing").unwrap();
    store.bucket("missing").unwrap();
    assert_eq!(
        store.create_bucket("../x").unwrap_err().to_string(),
        "expected 3 to 255 letters, digits, '.', '-' and '_', with a letter or digit at either end"
    );
}

#[test]
fn long_keys_are_refused() {
    let (_folder, store) = root();
    let bucket = store.bucket("bucket").unwrap();
    put(&bucket, &"k".repeat(250), "x").unwrap();
    for key in ["k".repeat(251), "%".repeat(84), "a/".repeat(513)] {
        assert!(matches!(bucket.open(&key), Err(StoreError::KeyTooLong)));
        assert!(matches!(
            bucket.create(&key).map(drop),
            Err(StoreError::KeyTooLong)
        ));
    }
}

#[test]
fn codes_are_letters_and_digits_and_texts_say_what_to_do() {
    let table = [
        (
            StoreError::NoSuchBucket,
            "NoSuchBucket",
            "the bucket does not exist: the root has no folder of its name; make one",
        ),
        (
            StoreError::NoSuchKey,
            "NoSuchKey",
            "there is no object with this key",
        ),
        (
            io::Error::from(io::ErrorKind::PermissionDenied).into(),
            "AccessDenied",
            "the bucket's folder does not let the service in, or a link leads out of it",
        ),
        (
            io::Error::from(io::ErrorKind::ReadOnlyFilesystem).into(),
            "AccessDenied",
            "the bucket's folder does not let the service in, or a link leads out of it",
        ),
        (
            StoreError::KeyTooLong,
            "KeyTooLongError",
            "the key is longer than 1024 bytes, or a part of it too long for the name of a file",
        ),
        (
            io::Error::other("the disk is full").into(),
            "InternalError",
            "the disk is full",
        ),
    ];
    for (error, code, text) in table {
        assert_eq!((error.code(), error.to_string().as_str()), (code, text));
        assert!(code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}
