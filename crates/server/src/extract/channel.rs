//! The channel of a request: parsed, and checked that the caller may read it.

use super::Caller;
use crate::{app::App, error::ApiError};
use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use packyard_repo::Served;
use packyard_types::{At, CachePolicy, ChannelRef, ChannelSpec};

/// A channel that the caller may read.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Which, and as of when.
    pub at: ChannelRef,
    /// Whether anybody may read it, so that shared caches may keep it.
    pub public: bool,
    /// Whether its name may mean another revision tomorrow: a tag can be ended and set anew, and a day is not over.
    pub moving: bool,
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
        let spec = ChannelSpec::parse(&segment).map_err(|_| ApiError::no_page(parts.uri.path()))?;
        let settings = app.yard.allow_read(&access, &spec.channel)?;
        let at = app.yard.resolve(&spec)?;
        let public = settings.public;
        let moving = match &spec.at {
            Some(At::Tag(_)) => true,
            Some(At::Time(until)) => *until >= app.yard.now(),
            Some(At::Revision(_)) | None => false,
        };
        Ok(Self { at, public, moving })
    }
}
