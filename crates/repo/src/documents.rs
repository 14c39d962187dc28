//! Documents of yum repositories: package groups, advisories written by hand, and what an import brought along.
//!
//! A document is about a whole distribution, so that it takes the right to publish any package there.

use crate::{Access, Proposal, RepoError, Upload, Yard, publish::check_note, yard::blocking};
use packyard_formats::{documents, intake::NotAPackage};
use packyard_types::{
    Blob, Change, ChannelName, DistributionName, Document, DocumentKind, DocumentName, Documented, Family,
    Operation, Permission, Revision,
};
use packyard_views::yum;

/// A document that is to be put in place.
pub struct DocumentWish {
    /// The distribution, by its name or an alias.
    pub distribution: String,
    /// What repomd.xml calls it.
    pub kind: DocumentKind,
    /// Its file name.
    pub name: DocumentName,
    /// Its bytes.
    pub upload: Upload,
    /// For the log.
    pub note: Option<String>,
}

/// What became of a document.
#[derive(Debug, Clone, serde::Serialize)]
pub struct DocumentPut {
    /// The distribution that has it, or had it.
    pub distribution: DistributionName,
    /// What repomd.xml calls it.
    pub kind: DocumentKind,
    /// The document that is there now.
    pub document: Option<Document>,
    /// The revision in which that holds.
    pub revision: Revision,
    /// Whether it was not so already.
    pub changed: bool,
}

impl Yard {
    /// The largest document, in bytes.
    pub const MAX_DOCUMENT_BYTES: u64 = documents::MAX_DOCUMENT_BYTES;

    /// The documents of a distribution itself, without those of `any` that it shows.
    pub fn documents(
        &self,
        channel: &ChannelName,
        distribution: &str,
    ) -> Result<(DistributionName, Vec<(DocumentKind, Document)>), RepoError> {
        let (own, _) = self.distribution(channel, distribution)?;
        let all = self.read(|index| Ok(index.documents(channel, None)?))?;
        let here = all.into_iter().filter(|((of, _), _)| *of == own);
        let here = here.map(|((_, kind), document)| (kind, document)).collect();
        Ok((own, here))
    }

    /// Puts a document in place of the one that is there.
    pub async fn put_document(
        &self,
        access: &Access,
        channel: &ChannelName,
        wish: DocumentWish,
    ) -> Result<DocumentPut, RepoError> {
        access.allow_whole(Permission::Publish, channel)?;
        wish.note.as_deref().map_or(Ok(()), check_note)?;
        self.channel_exists(channel)?;
        let distribution = self.document_place(channel, &wish)?;
        let limit_bytes = Self::MAX_DOCUMENT_BYTES;
        if wish.upload.blob.size_bytes > limit_bytes {
            let what = wish.name.to_string();
            return Err(RepoError::TooLarge { what, limit_bytes });
        }
        let (path, name, kind) = (
            wish.upload.path().to_owned(),
            wish.name.clone(),
            wish.kind.clone(),
        );
        let bytes = blocking(move || {
            let bytes = std::fs::read(&path).map_err(RepoError::io(format!("reading `{name}`")))?;
            check(&kind, &name, &bytes)?;
            Ok(bytes)
        })
        .await?;
        let document = Document {
            name: wish.name,
            blob: Blob::of(&bytes),
        };
        self.not_purged(&format!("`{}`", document.name), &document.blob.digest)?;
        let change = Documented {
            distribution,
            kind: wish.kind,
            document: Some(document.clone()),
        };
        let mut proposal = Proposal::of(self.document_change(access, channel, change, wish.note));
        proposal.small.insert(document.blob.digest, bytes);
        self.settle_document(proposal).await
    }

    /// Takes a document away.
    pub async fn delete_document(
        &self,
        access: &Access,
        channel: &ChannelName,
        distribution: &str,
        kind: &DocumentKind,
    ) -> Result<DocumentPut, RepoError> {
        access.allow_whole(Permission::Publish, channel)?;
        let (own, _) = self.distribution(channel, distribution)?;
        let change = Documented {
            distribution: own,
            kind: kind.clone(),
            document: None,
        };
        self.settle_document(Proposal::of(self.document_change(access, channel, change, None)))
            .await
    }

    fn document_place(
        &self,
        channel: &ChannelName,
        wish: &DocumentWish,
    ) -> Result<DistributionName, RepoError> {
        let own = self.upload_distribution(channel, &wish.distribution)?;
        let settings = self.read(|index| Ok(index.distribution(channel, own.as_str())?))?;
        match settings.and_then(|(_, s)| s.family.filter(|family| *family != Family::Rpm)) {
            Some(family) => Err(RepoError::WrongFamily {
                filename: wish.name.to_string(),
                distribution: own,
                family,
            }),
            None => Ok(own),
        }
    }

    fn document_change(
        &self,
        access: &Access,
        channel: &ChannelName,
        change: Documented,
        note: Option<String>,
    ) -> Change {
        Change {
            actor: access.actor(),
            sender: access.sender(),
            at: self.now(),
            note,
            operation: Operation::Document {
                channel: channel.clone(),
                change,
            },
        }
    }

    async fn settle_document(&self, proposal: Proposal) -> Result<DocumentPut, RepoError> {
        let Operation::Document { change, .. } = proposal.change.operation.clone() else {
            unreachable!("it was made from a document's change");
        };
        let done = self.commit(proposal).await?;
        Ok(DocumentPut {
            distribution: change.distribution,
            kind: change.kind,
            document: change.document,
            revision: done.revision,
            changed: done.change.is_some(),
        })
    }
}

/// Whether a document can be served. Advisories are put into one file with others, so they must also be found by
/// somebody who reads no XML.
fn check(kind: &DocumentKind, name: &DocumentName, bytes: &[u8]) -> Result<(), NotAPackage> {
    let there = documents::check(kind, name, bytes)?;
    let text = String::from_utf8_lossy(bytes);
    let found = yum::updates(&text);
    let found = found
        .iter()
        .map(|(id, update)| (id.trim().as_bytes(), update.as_bytes()));
    let expected = there.iter().map(|u| (u.id.as_bytes(), &bytes[u.bytes.clone()]));
    if *kind != DocumentKind::updateinfo() || found.eq(expected) {
        return Ok(());
    }
    Err(NotAPackage {
        filename: name.to_string(),
        entry: None,
        rule: "its updates are written in a way that hides where one begins or ends".to_owned(),
        hint: "write `<id>` without attributes, and no `<update` or `</update>` in comments or CDATA"
            .to_owned(),
        found: None,
        expected: None,
        is_ours: false,
    })
}
