//! Where a copy is written to, as it is typed: a directory, or `s3://BUCKET/PREFIX`.

use crate::report::Usage;
use packyard_repo::Spare;
use packyard_store::{BucketSite, DirectorySite, Site};
use packyard_types::ServedPath;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};
use tokio::runtime::{Handle, Runtime};

/// A place for a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A directory.
    Directory(PathBuf),
    /// The objects of a bucket below a prefix.
    Bucket {
        /// The bucket.
        bucket: String,
        /// Without slashes at its ends; may be empty.
        prefix: String,
    },
}

impl FromStr for Target {
    type Err = Usage;
    fn from_str(s: &str) -> Result<Self, Usage> {
        if let Some(rest) = s.strip_prefix("s3://") {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            if bucket.is_empty() {
                return Err(Usage(format!(
                    "`{s}` names no bucket\nhint: write s3://BUCKET/PREFIX"
                )));
            }
            return Ok(Self::Bucket {
                bucket: bucket.to_owned(),
                prefix: prefix.trim_matches('/').to_owned(),
            });
        }
        if s.is_empty() || s.contains("://") {
            return Err(Usage(format!(
                "`{s}` is not a place to export to\nhint: give a directory or s3://BUCKET/PREFIX"
            )));
        }
        Ok(Self::Directory(s.into()))
    }
}

impl Target {
    /// Opens it. A directory is made where it is missing.
    pub fn open(&self, runtime: &Runtime) -> anyhow::Result<Arc<dyn Site>> {
        match self {
            Self::Directory(dir) => Ok(Arc::new(runtime.block_on(DirectorySite::open(dir))?)),
            Self::Bucket { bucket, prefix } => {
                let settings = aws_settings()?;
                Ok(Arc::new(BucketSite::open(bucket, prefix, &settings)?))
            }
        }
    }
}

/// What lies in a bucket, for who takes a backup back.
#[derive(Debug)]
pub struct Bucket {
    site: Arc<dyn Site>,
    handle: Handle,
}

impl Bucket {
    /// The files of a site, asked for on this runtime.
    pub fn new(site: Arc<dyn Site>, handle: Handle) -> Self {
        Self { site, handle }
    }
}

impl Spare for Bucket {
    fn place(&self) -> String {
        self.site.place()
    }

    fn bring(&self, path: &str, to: &Path) -> Result<bool, String> {
        let path = ServedPath::parse(path).map_err(|e| e.to_string())?;
        match self.handle.block_on(self.site.local(&path)) {
            Ok(file) => {
                let copied = std::fs::copy(&file, to).map(drop);
                // It is a copy in the scratch directory of a bucket; left behind it would fill the disk.
                let _ = std::fs::remove_file(&file);
                copied.map(|()| true).map_err(|e| e.to_string())
            }
            Err(e) if e.is_not_found() => Ok(false),
            Err(e) => Err(e.to_string()),
        }
    }

    fn objects(&self) -> Result<Option<BTreeMap<String, u64>>, String> {
        let all = self
            .handle
            .block_on(self.site.list())
            .map_err(|e| e.to_string())?;
        let ours = |(path, found): (ServedPath, packyard_store::Found)| {
            Some((path.as_str().strip_prefix("store/")?.to_owned(), found.size_bytes))
        };
        let objects: BTreeMap<String, u64> = all.into_iter().filter_map(ours).collect();
        Ok(objects.contains_key("meta.json").then_some(objects))
    }
}

/// The variables of the environment by which the tools of object stores are set up.
fn aws_settings() -> anyhow::Result<Vec<(String, String)>> {
    let settings: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, value)| name.starts_with("AWS_") && !value.is_empty())
        .collect();
    let get = |name: &str| settings.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    let open = get("AWS_ENDPOINT_URL").is_some_and(|url| url.starts_with("http://"));
    if open && !get("AWS_ALLOW_HTTP").is_some_and(|v| v.eq_ignore_ascii_case("true") || v == "1") {
        let text = "AWS_ENDPOINT_URL is not encrypted\nhint: use https, or allow it with AWS_ALLOW_HTTP=true";
        return Err(Usage(text.to_owned()).into());
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_directory_or_a_bucket() {
        let bucket = |b: &str, p: &str| Target::Bucket {
            bucket: b.to_owned(),
            prefix: p.to_owned(),
        };
        assert_eq!(
            "public/".parse::<Target>().unwrap(),
            Target::Directory("public/".into())
        );
        assert_eq!("s3://b/a/c/".parse::<Target>().unwrap(), bucket("b", "a/c"));
        assert_eq!("s3://b".parse::<Target>().unwrap(), bucket("b", ""));
        for wrong in ["s3://", "gs://b/x", "https://host/x", ""] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }
}
