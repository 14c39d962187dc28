//! Signing keys: which there are, and how they are replaced. No private key goes in or out here.

use super::{Answer, changed};
use crate::{
    app::App,
    extract::{Caller, Path, parsed},
};
use axum::{
    Json,
    body::Body,
    response::{IntoResponse, Response},
};
use packyard_repo::{KeysChanged, Rotate, YardKey};
use packyard_types::{KeyUse, Permission};
use serde::Deserialize;
use serde_json::{Value, json};

/// `GET /api/v1/keys`
pub async fn keys(app: App, Caller(access): Caller) -> Answer {
    access.allow(Permission::Admin, None)?;
    let keys = app.yard.key_lines()?;
    Ok(Json(json!({ "keys": shown(&keys) })).into_response())
}

/// The body of `POST /api/v1/keys/rotation`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotationBody {
    #[serde(default, rename = "for")]
    uses: Vec<KeyUse>,
    #[serde(default)]
    keys: Vec<String>,
}

/// `POST /api/v1/keys/rotation`: the next keys sign beside the current ones.
pub async fn rotate(app: App, Caller(access): Caller, body: Body) -> Answer {
    access.allow(Permission::Admin, None)?;
    let body: RotationBody = parsed("rotation", body).await?;
    let wish = Rotate {
        uses: body.uses,
        keys: body.keys,
    };
    Ok(answer(&app.yard.rotate_keys(&access, wish).await?))
}

/// `POST /api/v1/keys/rotation/finish`: the next keys sign alone.
pub async fn finish(app: App, Caller(access): Caller) -> Answer {
    Ok(answer(&app.yard.finish_rotation(&access).await?))
}

/// `DELETE /api/v1/keys/rotation`: the next keys are given up.
pub async fn cancel(app: App, Caller(access): Caller) -> Answer {
    Ok(answer(&app.yard.cancel_rotation(&access).await?))
}

/// `DELETE /api/v1/keys/{fingerprint}`: a former key is published no longer.
pub async fn revoke(app: App, Caller(access): Caller, Path(name): Path<String>) -> Answer {
    Ok(answer(&app.yard.revoke_key(&access, &name).await?))
}

fn answer(done: &KeysChanged) -> Response {
    let body = json!({ "revision": done.revision, "keys": shown(&done.keys) });
    changed(done.new, &body)
}

fn shown(keys: &[YardKey]) -> Vec<Value> {
    let one = |k: &YardKey| {
        json!({
            "signs": k.line.signs,
            "state": k.state,
            "algorithm": k.line.algorithm,
            "fingerprint": k.line.fingerprint,
            "user_id": k.line.user_id,
            "held": k.held,
        })
    };
    keys.iter().map(one).collect()
}
