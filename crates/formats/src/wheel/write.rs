//! Writes a wheel: the binary distribution format specification (PEP 427, PEP 639).
//!
//! Sorted, one time stamp, dist-info last and RECORD the very last, so that the same files make the same bytes.

use crate::content::{Content, SourceFile};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use packyard_types::Timestamp;
use std::{
    collections::BTreeMap,
    io::{self, Seek, Write},
};
use zip::{CompressionMethod, DateTime, ZipWriter, result::ZipError, write::SimpleFileOptions};

/// What a wheel is made of.
#[derive(Debug, Clone)]
pub struct WheelSpec {
    /// `NAME-VERSION.dist-info`.
    pub dist_info: String,
    /// Every file but RECORD, by its path in the wheel.
    pub files: BTreeMap<String, SourceFile>,
    /// The one time stamp; before 1980 it becomes 1980.
    pub mtime: Timestamp,
}

/// Writes the wheel.
pub fn write(spec: &WheelSpec, out: impl Write + Seek) -> Result<(), ZipError> {
    let mut zip = ZipWriter::new(out);
    let time = zip_time(spec.mtime);
    let in_dist_info = |path: &str| path.starts_with(&format!("{}/", spec.dist_info));
    let (last, first): (Vec<_>, Vec<_>) = spec.files.iter().partition(|(path, _)| in_dist_info(path));
    let mut record = String::new();
    for (path, file) in first.into_iter().chain(last) {
        let mode = if file.executable { 0o755 } else { 0o644 };
        put(&mut zip, time, path, mode, &file.content)?;
        record.push_str(&record_line(path, &file.content)?);
    }
    let record_path = format!("{}/RECORD", spec.dist_info);
    record.push_str(&format!("{record_path},,\n"));
    put(&mut zip, time, &record_path, 0o644, &record.into_bytes().into())?;
    Ok(zip.finish()?.flush()?)
}

fn put<W: Write + Seek>(
    zip: &mut ZipWriter<W>,
    time: DateTime,
    path: &str,
    mode: u32,
    content: &Content,
) -> Result<(), ZipError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        .last_modified_time(time)
        .unix_permissions(mode)
        .large_file(content.size_bytes() > u64::from(u32::MAX));
    zip.start_file(path, options)?;
    io::copy(&mut content.open()?, zip)?;
    Ok(())
}

/// `path,sha256=<urlsafe base64 without padding>,size`; a path with a comma or quote is quoted as CSV wants.
fn record_line(path: &str, content: &Content) -> io::Result<String> {
    let digest = URL_SAFE_NO_PAD.encode(content.sha256()?.as_bytes());
    let quoted = if path.contains(['"', ',']) {
        format!("\"{}\"", path.replace('"', "\"\""))
    } else {
        path.to_owned()
    };
    Ok(format!("{quoted},sha256={digest},{}\n", content.size_bytes()))
}

/// Zip knows no time before 1980 and only even seconds.
fn zip_time(mtime: Timestamp) -> DateTime {
    let (year, month, day, hour, minute, second) = mtime.civil();
    let year = u16::try_from(year).unwrap_or(1980);
    DateTime::from_date_and_time(year, month, day, hour, minute, second & !1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn spec() -> WheelSpec {
        let file = |text: &str| SourceFile {
            content: text.as_bytes().into(),
            executable: false,
        };
        let files = [("z/__init__.py", ""), ("a-1.dist-info/METADATA", "Name: a\n")];
        WheelSpec {
            dist_info: "a-1.dist-info".into(),
            files: files.map(|(path, text)| (path.to_owned(), file(text))).into(),
            mtime: Timestamp::from_unix_seconds(1_553_212_801),
        }
    }

    #[test]
    fn dist_info_is_last_and_record_names_everything() {
        let mut file = Cursor::new(Vec::new());
        write(&spec(), &mut file).unwrap();
        let mut zip = zip::ZipArchive::new(file).unwrap();
        let names: Vec<String> = (0..zip.len())
            .map(|i| zip.by_index(i).unwrap().name().unwrap().into_owned())
            .collect();
        assert_eq!(
            names,
            ["z/__init__.py", "a-1.dist-info/METADATA", "a-1.dist-info/RECORD"]
        );
        let record = std::io::read_to_string(zip.by_index(2).unwrap()).unwrap();
        assert_eq!(
            record,
            "z/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n\
             a-1.dist-info/METADATA,sha256=XAwZ_hzkkzTlNmHwdI91CiXCYj_tcfHIiZ__HxBcOtc,8\na-1.dist-info/RECORD,,\n"
        );
    }

    #[test]
    fn a_time_before_1980_is_1980() {
        assert_eq!(zip_time(Timestamp::from_unix_seconds(0)), DateTime::default());
    }
}
