//! Lists the objects of a bucket.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::{Bucket, file_names, properties};
use crate::wire::percent;

impl Bucket<'_> {
    /// Returns all objects whose keys begin with `prefix`, sorted by key. A link that leads out of the
    /// bucket, or is broken, is not listed.
    pub(crate) fn list(&self, prefix: &str) -> io::Result<Vec<(String, Metadata)>> {
        let (above, _) = prefix.rsplit_once('/').unwrap_or_default();
        let mut names: Vec<String> = Vec::new();
        if !above.is_empty() {
            names.extend(file_names(above));
        }
        let mut listed = Vec::new();
        let start = self.directory.join(names.iter().collect::<PathBuf>());
        match self.visit(&start, &mut names, &mut listed) {
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) => {}
            result => result?,
        }
        listed.retain(|(key, _)| key.starts_with(prefix));
        listed.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Ok(listed)
    }

    fn visit(
        &self,
        directory: &Path,
        names: &mut Vec<String>,
        listed: &mut Vec<(String, Metadata)>,
    ) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if name.starts_with('.') || !self.contains(&entry)? {
                continue;
            }
            let path = entry.path();
            // It may have been removed since the directory was read.
            let Ok(metadata) = fs::metadata(&path) else {
                continue;
            };
            names.push(name);
            if metadata.is_dir() {
                match self.visit(&path, names, listed) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    result => result?,
                }
            } else if metadata.is_file() {
                listed.extend(self.key(names).map(|key| (key, metadata)));
            }
            names.pop();
        }
        Ok(())
    }

    /// Returns whether an entry of a directory is in the bucket itself: a link may lead anywhere, even
    /// to a directory above, without end.
    fn contains(&self, entry: &fs::DirEntry) -> io::Result<bool> {
        if !entry.file_type()?.is_symlink() {
            return Ok(true);
        }
        let target = entry.path().canonicalize();
        Ok(target.is_ok_and(|target| target.is_file() && target.starts_with(&self.directory)))
    }

    /// Returns the key with these file names; `None` for a file that no key has.
    fn key(&self, names: &[String]) -> Option<String> {
        let mut key = String::new();
        for (at, name) in names.iter().enumerate() {
            if at > 0 {
                key.push('/');
            }
            if name != "%" {
                key.push_str(std::str::from_utf8(&percent::decode(name)).ok()?);
            }
        }
        if file_names(&key).eq(names.iter().cloned()) {
            return Some(key);
        }
        properties::key_of(&self.directory, names.iter().cloned())
    }
}
