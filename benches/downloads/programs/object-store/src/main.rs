//! Downloads the data files of an export with the crate `object_store`, as many at once as THREADS, and
//! compares their MD5 checksums with the manifest's.
//!
//! usage: object-store ADDRESS THREADS DIRECTORY

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use md5::{Digest, Md5};
use object_store::ObjectStoreExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use serde::Deserialize;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const MANIFEST: &str = "AWSSimpleDB/c0ffee/Generated/manifest-file.json";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    md5_checksum: String,
    data_file_s3_key: String,
}

fn main() -> Outcome<()> {
    let mut arguments = env::args().skip(1);
    let (Some(address), Some(threads), Some(target)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: object-store ADDRESS THREADS DIRECTORY".into());
    };
    let store = AmazonS3Builder::from_env()
        .with_bucket_name("exports")
        .with_endpoint(format!("http://{address}"))
        .with_allow_http(true)
        .build()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(download(Arc::new(store), threads.parse()?, target.into()))
}

async fn download(store: Arc<AmazonS3>, threads: usize, target: PathBuf) -> Outcome<()> {
    let manifest = store.get(&MANIFEST.into()).await?.bytes().await?;
    let entries: Vec<Entry> = serde_json::from_slice(&manifest)?;
    // A task each, so that they run on all cores; they start as the stream reaches them.
    let downloads = entries
        .into_iter()
        .map(|entry| tokio::spawn(fetch(Arc::clone(&store), entry, target.clone())));
    let mut downloads = stream::iter(downloads).buffer_unordered(threads);
    while let Some(fetched) = downloads.next().await {
        fetched??;
    }
    Ok(())
}

async fn fetch(store: Arc<AmazonS3>, entry: Entry, target: PathBuf) -> Outcome<()> {
    let key = entry.data_file_s3_key;
    let path = target.join(&key);
    fs::create_dir_all(path.parent().ok_or("no directory")?)?;
    let mut file = File::create(path)?;
    let mut digest = Md5::new();
    let mut content = store.get(&key.as_str().into()).await?.into_stream();
    while let Some(bytes) = content.try_next().await? {
        digest.update(&bytes);
        file.write_all(&bytes)?;
    }
    if STANDARD.encode(digest.finalize()) != entry.md5_checksum {
        return Err(format!("{key}: another checksum").into());
    }
    Ok(())
}
