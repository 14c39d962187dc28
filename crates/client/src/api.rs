//! The API's client.

use crate::{ClientError, Reply, Request, RequestBody, Transport, patience::Patience};
use packyard_types::{ArtifactName, ChangeId, ChannelName, Digest, PartName, Revision, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// The JSON API of a yard.
pub struct Api {
    transport: Box<dyn Transport>,
    notice: Box<dyn Fn(&str) + Send + Sync>,
}

/// One artifact of a release that is asked for.
#[derive(Debug, Clone, Serialize)]
pub struct ReleaseArtifact {
    /// Its filename.
    pub filename: ArtifactName,
    /// The digest of its bytes, which have been put before; none only beside a path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
    /// The OS release; `any` where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distribution: Option<String>,
    /// apt's component; `main` where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// When it was first published elsewhere; only who may administrate the channel may say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uploaded_at: Option<Timestamp>,
    /// The files that it names, where it is a .dsc.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<ReleasePart>,
    /// A file of this machine, in place of bytes that have been put: only in the same process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
}

/// A file that a .dsc names.
#[derive(Debug, Clone, Serialize)]
pub struct ReleasePart {
    /// Its filename.
    pub filename: PartName,
    /// The digest of its bytes, which must be put before.
    pub sha256: Digest,
}

/// An artifact that was left out of a release, where the request allowed it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refused {
    /// Its filename.
    pub filename: ArtifactName,
    /// Where it should have gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution: Option<String>,
    /// What is wrong.
    pub detail: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// A release that is asked for.
#[derive(Debug, Clone, Serialize)]
pub struct ReleaseRequest {
    /// Its artifacts.
    pub artifacts: Vec<ReleaseArtifact>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Only if the channel has not changed since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_revision: Option<Revision>,
    /// What is refused is left out and listed; else it is all or nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub skip_refused: bool,
}

/// What is still to be sent before a release can be asked for.
#[derive(Debug, Clone, Deserialize)]
pub struct Needed {
    /// The blobs that the yard does not have, or that this caller has not shown to have.
    pub missing: BTreeSet<Digest>,
    /// What looks like a mistake and need not be one.
    pub warnings: Vec<String>,
    /// What a release would leave out, where that was allowed.
    #[serde(default)]
    pub refused: Vec<Refused>,
    /// Which of the artifacts, by their position, the channel holds already; asked for with `skip_refused`.
    #[serde(default)]
    pub held: BTreeSet<usize>,
}

/// What became of a release.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Receipt {
    /// The revision in which it is visible.
    pub revision: Revision,
    /// The change that made it; none where everything was there already.
    #[serde(default)]
    pub release: Option<ChangeId>,
    /// Its artifacts.
    pub artifacts: Vec<PublishedArtifact>,
    /// What was left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Refused>,
    /// What of the packages an index cannot say as they say it, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What became of one artifact.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PublishedArtifact {
    /// Its filename.
    pub filename: ArtifactName,
    /// What it belongs to.
    pub project: String,
    /// Its release version.
    pub version: String,
    /// Where it is.
    pub distribution: String,
    /// Where it is.
    pub component: String,
    /// The digest of the bytes as uploaded.
    pub received: Digest,
    /// The digest of the bytes as served.
    pub served: Digest,
    /// Whether it is new with this release.
    pub new: bool,
}

/// A token that was just granted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewToken {
    /// Its public name.
    pub id: String,
    /// Its text; shown here and never again.
    pub token: String,
    /// What it allows.
    pub can: Vec<String>,
    /// When it ends.
    pub expires: Option<String>,
}

/// RFC 9457, as much of it as is shown.
#[derive(Deserialize)]
struct Problem {
    detail: String,
    hint: Option<String>,
    #[serde(default)]
    problems: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    detail: String,
    hint: Option<String>,
}

impl Api {
    /// A client of the yard at the other end of a transport.
    pub fn new(transport: impl Transport + 'static) -> Self {
        Self {
            transport: Box::new(transport),
            notice: Box::new(|_| {}),
        }
    }

    /// The same, saying to `notice` when it has to wait.
    #[must_use]
    pub fn with_notice(self, notice: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self {
            notice: Box::new(notice),
            ..self
        }
    }

    /// Whether there is a network between.
    pub fn is_remote(&self) -> bool {
        self.transport.is_remote()
    }

    /// The yard, for messages: a URL or a directory.
    pub fn place(&self) -> String {
        self.transport.place()
    }

    /// `GET` of a path below `/api/v1/`.
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.parsed("GET", path, RequestBody::Empty, Patience::new())
    }

    /// Puts a file under its digest, streaming it.
    pub fn put_blob(&self, channel: &ChannelName, digest: &Digest, path: &Path) -> Result<(), ClientError> {
        let to = format!("channels/{channel}/blobs/{digest}");
        self.accepted("PUT", &to, RequestBody::File(path), Patience::new())
            .map(|_| ())
    }

    /// Which blobs a release of these artifacts still needs. What is certain to be refused is refused already.
    pub fn needed(
        &self,
        channel: &ChannelName,
        artifacts: &[ReleaseArtifact],
        if_revision: Option<Revision>,
    ) -> Result<Needed, ClientError> {
        let mut body = serde_json::json!({ "artifacts": artifacts });
        if let Some(revision) = if_revision {
            body["if_revision"] = serde_json::json!(revision);
        }
        self.post_again(&format!("channels/{channel}/uploads"), &body)
    }

    /// As [`Api::needed`], for a release that leaves out what is refused.
    pub fn needed_of_some(
        &self,
        channel: &ChannelName,
        artifacts: &[ReleaseArtifact],
    ) -> Result<Needed, ClientError> {
        let body = serde_json::json!({ "artifacts": artifacts, "skip_refused": true });
        self.post_again(&format!("channels/{channel}/uploads"), &body)
    }

    /// Publishes artifacts whose blobs have been put.
    pub fn release(&self, channel: &ChannelName, request: &ReleaseRequest) -> Result<Receipt, ClientError> {
        self.post_again(&format!("channels/{channel}/releases"), request)
    }

    /// `POST` of JSON to a path below `/api/v1/`, once.
    pub fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ClientError> {
        let body = serde_json::to_string(body).expect("requests are JSON");
        self.parsed("POST", path, RequestBody::Json(body), Patience::none())
    }

    /// As [`Api::post`], of what may be asked twice: if its outcome is already so, it succeeds and changes nothing.
    pub fn post_again<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        let body = serde_json::to_string(body).expect("requests are JSON");
        self.parsed("POST", path, RequestBody::Json(body), Patience::new())
    }

    /// `PUT` of JSON to a path below `/api/v1/`.
    pub fn put<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ClientError> {
        let body = serde_json::to_string(body).expect("requests are JSON");
        self.parsed("PUT", path, RequestBody::Json(body), Patience::new())
    }

    /// `PUT` of a file's bytes to a path below `/api/v1/`.
    pub fn put_file<T: DeserializeOwned>(&self, path: &str, file: &Path) -> Result<T, ClientError> {
        self.parsed("PUT", path, RequestBody::File(file), Patience::new())
    }

    /// `DELETE` of a path below `/api/v1/` that answers with what was done.
    pub fn delete_for<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.parsed("DELETE", path, RequestBody::Empty, Patience::none())
    }

    /// `DELETE` of a path below `/api/v1/`.
    pub fn delete(&self, path: &str) -> Result<(), ClientError> {
        self.accepted("DELETE", path, RequestBody::Empty, Patience::none())
            .map(|_| ())
    }

    fn parsed<T: DeserializeOwned>(
        &self,
        method: &'static str,
        path: &str,
        body: RequestBody<'_>,
        patience: Patience,
    ) -> Result<T, ClientError> {
        let reply = self.accepted(method, path, body, patience)?;
        let not_ours = |_| ClientError::NotPackyard {
            url: self.place(),
            status: reply.status,
        };
        serde_json::from_str(&reply.text).map_err(not_ours)
    }

    /// What the server says when it does not do what it should.
    pub(crate) fn refusal(&self, reply: &Reply) -> ClientError {
        match serde_json::from_str::<Problem>(&reply.text) {
            Ok(problem) => problem.refusal(reply.status),
            Err(_) => ClientError::NotPackyard {
                url: self.place(),
                status: reply.status,
            },
        }
    }

    /// The way to the yard.
    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.transport
    }

    fn accepted(
        &self,
        method: &'static str,
        path: &str,
        body: RequestBody<'_>,
        patience: Patience,
    ) -> Result<Reply, ClientError> {
        let path = format!("/api/v1/{path}");
        let reply = self.answered(&Request { method, path, body }, patience)?;
        if (200..300).contains(&reply.status) {
            return Ok(reply);
        }
        Err(self.refusal(&reply))
    }

    /// The answer, asking again as long as there is patience.
    fn answered(&self, request: &Request<'_>, mut patience: Patience) -> Result<Reply, ClientError> {
        if !self.transport.is_remote() {
            return self.transport.send(request);
        }
        loop {
            let answer = self.transport.send(request);
            let Some(pause) = patience.pause(&answer) else {
                return answer;
            };
            let why = match &answer {
                Ok(reply) => format!("{} answers {}", self.place(), reply.status),
                Err(e) => e.to_string().lines().next().unwrap_or_default().to_owned(),
            };
            (self.notice)(&format!("{why}; trying again in {} s", pause.as_secs_f32()));
            std::thread::sleep(pause);
        }
    }
}

impl Problem {
    fn refusal(self, status: u16) -> ClientError {
        let mut detail = self.detail;
        if !self.problems.is_empty() {
            detail = match self.problems.len() {
                1 => "one thing is wrong".to_owned(),
                n => format!("{n} things are wrong"),
            };
            for part in &self.problems {
                let hint = part
                    .hint
                    .as_ref()
                    .map(|h| format!("\n  hint: {h}"))
                    .unwrap_or_default();
                detail.push_str(&format!("\n- {}{hint}", part.detail));
            }
        }
        // The server's hint is for those who speak HTTP themselves.
        let hint = match status {
            401 => Some(
                "give a token with --token or PACKYARD_TOKEN, or log in with `packyard login URL`".to_owned(),
            ),
            _ => self.hint,
        };
        ClientError::Refused { status, detail, hint }
    }
}
