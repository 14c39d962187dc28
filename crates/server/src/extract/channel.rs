//! The channel of a request: parsed, and checked that the caller may read it.

use super::{Caller, Shown};
use crate::{app::App, error::ApiError};
use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use packyard_repo::Served;
use packyard_types::{At, CachePolicy, ChannelRef, ChannelSpec, Revision};

/// A channel that the caller may read.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Which, and as of when.
    pub at: ChannelRef,
    /// The same as the URL spells it, `main@2026-03-01`: made of letters, digits and `._@:+-`, so that it can stand in
    /// scripts and set-up files.
    pub segment: String,
    /// Whether anybody may read it, so that shared caches may keep it.
    pub public: bool,
    /// Whether its name may mean another revision tomorrow: a tag can be ended and set anew, and a day is not over.
    pub moving: bool,
    /// The newest revision of the yard, as it was when the request came.
    pub shown: Revision,
}

impl Channel {
    /// An index file as it may be kept under the name by which the channel was asked for.
    pub fn kept(&self, mut served: Served) -> Served {
        if self.moving {
            served.cache = CachePolicy::Moving;
        }
        served
    }
}

impl FromRequestParts<App> for Channel {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Caller(access) = Caller::from_request_parts(parts, app).await?;
        let params = RawPathParams::from_request_parts(parts, app).await;
        let params = params.map_err(|_| ApiError::no_page(parts.uri.path()))?;
        let segment = params
            .iter()
            .find(|(name, _)| *name == "channel")
            .map(|(_, value)| value.to_owned());
        let segment = segment.ok_or_else(|| ApiError::no_page(parts.uri.path()))?;
        // What cannot be a channel's name is not there.
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._@:+-".contains(&b);
        let spec = ChannelSpec::parse(&segment).ok();
        let spec = spec.filter(|_| segment.bytes().all(plain));
        let spec = spec.ok_or_else(|| ApiError::no_page(parts.uri.path()))?;
        let Shown(shown) = Shown::from_request_parts(parts, app).await?;
        let settings = app.yard.allow_read_as_of(&access, &spec.channel, shown)?;
        let at = app.yard.resolve(&spec)?;
        let public = settings.public;
        let moving = match &spec.at {
            Some(At::Tag(_)) => true,
            Some(At::Time(until)) => *until >= app.yard.now(),
            Some(At::Revision(_)) | None => false,
        };
        Ok(Self {
            at,
            segment,
            public,
            moving,
            shown,
        })
    }
}
