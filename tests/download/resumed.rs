//! Resumes after an interruption.

use std::fs;
use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::time::Duration;

use simpledb_export::data::ErrorKind;

use super::bucket::{
    DATA, MANIFESTS, bucket, client, content, cut, download, etag, export, export_dir,
    good_response, impatient, object, patience, requests_for, s3_config,
};
use super::files;
use crate::support::temp_dir::TempDir;
use crate::support::{Step, new_client, with_slashes};

#[test]
fn resumes_a_cut_download_with_a_range_request() {
    let to = TempDir::new();
    let server = bucket(|nth, name, request| {
        (nth == 0 && name == DATA[1]).then(|| cut(&good_response(request)))
    });
    let report = download(&client(&server), &to).unwrap();
    assert_eq!(
        fs::read(export_dir(&to).join(DATA[1])).unwrap(),
        content(DATA[1])
    );
    assert_eq!(
        report.bytes,
        (content(DATA[0]).len() + content(DATA[1]).len()) as u64
    );

    let requests = requests_for(&server, DATA[1]);
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].header("range"), None);
    let range = requests[1].header("range").unwrap();
    let first = range
        .strip_prefix("bytes=")
        .unwrap()
        .strip_suffix('-')
        .unwrap();
    let first: usize = first.parse().unwrap();
    assert!(first > 0 && first < content(DATA[1]).len(), "{range}");
    assert_eq!(
        requests[1].header("if-match"),
        Some(&*etag(&content(DATA[1])))
    );
    assert_eq!(
        files(&export_dir(&to)),
        [DATA[0], DATA[1], MANIFESTS[0], MANIFESTS[1]]
    );
}

#[test]
fn resumes_a_stalled_download() {
    let limit = patience(Duration::from_millis(250));
    let to = TempDir::new();
    let server = bucket(|nth, name, request| {
        (nth == 0 && name == DATA[1]).then(|| {
            let mut steps = cut(&good_response(request));
            steps.pop();
            steps.push(Step::Silence);
            steps
        })
    });
    let client = new_client(s3_config(&server).attempt_timeout(limit));
    download(&client, &to).unwrap();
    let requests = requests_for(&server, DATA[1]);
    assert!(requests[1].header("range").is_some());
    assert_eq!(
        fs::read(export_dir(&to).join(DATA[1])).unwrap(),
        content(DATA[1])
    );
}

#[test]
fn resumes_the_previous_run() {
    let to = TempDir::new();
    let server = bucket(|nth, name, request| {
        (nth == 0 && name == DATA[1]).then(|| cut(&good_response(request)))
    });
    let error = download(&impatient(&server), &to).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fetch);
    let here = files(&export_dir(&to));
    assert!(here.contains(&DATA[0].to_owned()), "{here:?}");
    assert!(here.contains(&format!("{}.part", DATA[1])), "{here:?}");
    for absent in [DATA[1], MANIFESTS[0], MANIFESTS[1]] {
        assert!(!here.contains(&absent.to_owned()), "{here:?}");
    }
    let left = fs::metadata(export_dir(&to).join("data/b.json.part"))
        .unwrap()
        .len();

    let report = download(&impatient(&server), &to).unwrap();
    assert_eq!((report.fetched_files, report.kept_files), (1, 1));
    let requests = requests_for(&server, DATA[1]);
    assert_eq!(
        requests[1].header("range"),
        Some(&*format!("bytes={left}-"))
    );
    assert_eq!(requests_for(&server, DATA[0]).len(), 1);
    assert_eq!(
        files(&export_dir(&to)),
        [DATA[0], DATA[1], MANIFESTS[0], MANIFESTS[1]]
    );
}

#[test]
fn only_verifies_a_complete_file_that_was_not_renamed() {
    let to = TempDir::new();
    let server = bucket(|_, _, _| None);
    fs::create_dir_all(export_dir(&to).join("data")).unwrap();
    fs::write(export_dir(&to).join("data/a.json.part"), content(DATA[0])).unwrap();
    fs::write(
        export_dir(&to).join("data/a.json.part.etag"),
        etag(&content(DATA[0])),
    )
    .unwrap();
    download(&client(&server), &to).unwrap();
    let requests = requests_for(&server, DATA[0]);
    assert_eq!(requests.len(), 1, "the response is 416");
    assert!(requests[0].header("range").is_some());
    assert_eq!(
        fs::read(export_dir(&to).join(DATA[0])).unwrap(),
        content(DATA[0])
    );
}

#[test]
fn drops_a_part_of_another_object() {
    for (part, note) in [
        (&b"[{\"other"[..], Some("\"of another object\"")),
        // Damaged on disk: only the checksum shows it.
        (b"[{\"other", Some(&*etag(&content(DATA[0])))),
        (b"[{\"other", Some("no etag")),
        (b"[{\"other", None),
    ] {
        let to = TempDir::new();
        let server = bucket(|_, _, _| None);
        fs::create_dir_all(export_dir(&to).join("data")).unwrap();
        fs::write(export_dir(&to).join("data/a.json.part"), part).unwrap();
        if let Some(note) = note {
            fs::write(export_dir(&to).join("data/a.json.part.etag"), note).unwrap();
        }
        download(&impatient(&server), &to).unwrap();
        assert_eq!(
            fs::read(export_dir(&to).join(DATA[0])).unwrap(),
            content(DATA[0]),
            "{note:?}"
        );
    }
}

#[test]
fn starts_over_if_an_object_changes() {
    let to = TempDir::new();
    let server = bucket(|nth, name, request| {
        (nth == 0 && name == DATA[0]).then(|| cut(&object(request, &vec![b'x'; 100_000])))
    });
    download(&client(&server), &to).unwrap();
    assert_eq!(requests_for(&server, DATA[0]).len(), 3, "cut, 412, whole");
    assert_eq!(
        fs::read(export_dir(&to).join(DATA[0])).unwrap(),
        content(DATA[0])
    );
}

#[test]
fn reports_an_object_that_keeps_changing() {
    let to = TempDir::new();
    let server = bucket(|nth, name, request| {
        let body = nth.to_string().repeat(100_000);
        (name == DATA[0]).then(|| {
            let whole = object(request, body.as_bytes());
            if request.header("range").is_some() {
                vec![Step::Send(whole)]
            } else {
                cut(&whole)
            }
        })
    });
    let error = download(&client(&server), &to).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed);
    assert_eq!(
        error.to_string(),
        "s3://bucket/AWSSimpleDB/c0ffee/Books/data/a.json: the object keeps changing during the \
         download; find out what writes to the bucket, then download again"
    );
}

#[test]
fn rejects_a_second_download_to_the_same_directory() {
    let to = TempDir::new();
    let server = bucket(|_, _, _| None);
    let refused = OnceLock::new();
    let (busy, export) = (client(&server), export(""));
    let first = busy.download(&export, to.path()).on_progress(|_| {
        refused.get_or_init(|| download(&client(&server), &to).unwrap_err());
        ControlFlow::Continue(())
    });
    let report = first.run().unwrap();
    assert_eq!(report.fetched_files, 2);
    let refused = refused.get().unwrap();
    assert_eq!(refused.kind(), ErrorKind::InUse);
    assert_eq!(
        with_slashes(&refused.to_string()),
        format!(
            "{}: another download to this directory is in progress; wait until it finishes",
            with_slashes(&export_dir(&to).display().to_string())
        )
    );
    // The lock file of a killed process has no effect.
    fs::write(to.path().join("AWSSimpleDB/c0ffee/Books.lock"), "").unwrap();
    assert_eq!(download(&client(&server), &to).unwrap().kept_files, 2);
}
