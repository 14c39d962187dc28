//! Trusted publishing: who is given a token for an issuer's, what it is good for, and how long.

mod issuer;

use crate::room::{Room, deb};
use issuer::Issuer;
use packyard_repo::{
    Access, Exchanged, Incoming, Limits, PublisherWish, Refusal, Release, RepoError, Source, Yard,
};
use packyard_types::{
    ChannelName, DistributionName, IssuerUrl, Permission, Permissions, Revision, Sender, TokenId,
};
use serde_json::json;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// A yard that trusts a publisher, the publisher's issuer, and the time.
struct Stage {
    room: Room,
    clock: Arc<AtomicI64>,
    yard: Yard,
    issuer: Issuer,
}

impl Stage {
    async fn new() -> Self {
        let (room, clock) = (Room::new(), Arc::new(AtomicI64::new(1_700_000_000)));
        let yard = room.open_at(&clock).await;
        let issuer = Issuer::new();
        yard.ask_issuers_by(Arc::new(issuer.clone()));
        let stage = Self {
            room,
            clock,
            yard,
            issuer,
        };
        stage.trust("app", "acme/app", "app*").await.unwrap();
        stage
    }

    async fn trust(&self, id: &str, repository: &str, projects: &str) -> Result<(), RepoError> {
        let claims = [("repository", repository), ("ref", "refs/heads/*")];
        let wish = PublisherWish {
            id: Some(TokenId::parse(id).unwrap()),
            issuer: IssuerUrl::parse(issuer::URL).unwrap(),
            audience: Some("packages".to_owned()),
            claims: claims.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
            can: Permissions::of([Permission::Publish]).unwrap(),
            channels: "main".to_owned(),
            projects: projects.to_owned(),
        };
        self.yard.trust(&Access::Local, wish).await.map(drop)
    }

    async fn distrust(&self, id: &str) {
        let id = TokenId::parse(id).unwrap();
        self.yard.distrust(&Access::Local, id).await.unwrap();
    }

    fn later(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    /// A token as the issuer signs it now, but for some claims.
    fn token(&self, changes: &serde_json::Value) -> String {
        self.issuer.token(self.clock.load(Ordering::SeqCst), changes)
    }

    async fn exchange(&self, changes: &serde_json::Value) -> Result<Exchanged, RepoError> {
        self.yard.exchange(&self.token(changes), None).await
    }

    async fn access(&self, text: &str) -> Option<Access> {
        self.yard.given(text, &Sender::default()).await.unwrap_or(None)
    }
}

fn refusal(done: Result<Exchanged, RepoError>) -> Refusal {
    match done {
        Err(RepoError::NotVouched { refusal, .. }) => refusal,
        Err(e) => panic!("another error: {e}"),
        Ok(_) => panic!("a token was given"),
    }
}

async fn publish(yard: &Yard, access: &Access, package: &str) -> Result<Revision, RepoError> {
    let (name, bytes) = deb(package, "1", "x");
    let mut receiver = yard.receive(name.as_str(), u64::MAX)?;
    receiver.write(&bytes)?;
    let release = Release {
        channel: ChannelName::main(),
        artifacts: vec![Incoming {
            name,
            distribution: Some(DistributionName::parse("any").unwrap()),
            component: None,
            source: Source::Upload(receiver.finish()),
            uploaded_at: None,
        }],
        note: None,
        if_revision: None,
        skip_refused: false,
    };
    let receipt = yard.publish(access, release, &Limits::default()).await?;
    Ok(receipt.revision)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuers_token_is_good_for_one_that_publishes_just_what_the_publisher_may() {
    let stage = Stage::new().await;
    let given = stage.exchange(&json!({})).await.unwrap();
    assert!(given.text.starts_with("pyd_oidc_"));
    assert_eq!(given.expires.unix_seconds(), 1_700_000_900);
    let access = stage.access(&given.text).await.unwrap();
    publish(&stage.yard, &access, "app-tools").await.unwrap();
    for refused in [
        publish(&stage.yard, &access, "other").await.map(drop),
        access.allow(Permission::Promote, Some(&ChannelName::main())),
        access.allow(Permission::Publish, Some(&ChannelName::parse("stable").unwrap())),
        access.allow(Permission::Admin, None),
    ] {
        assert!(matches!(refused, Err(RepoError::Forbidden(_))), "{refused:?}");
    }
    // The log says who it was, and who vouched for them.
    assert_eq!(access.actor().as_str(), "app");
    let subject = access.sender().subject.unwrap();
    assert_eq!(
        subject,
        format!("{} repo:acme/app:ref:refs/heads/main", issuer::URL)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_ends_after_a_quarter_of_an_hour_or_when_it_is_given_back_or_with_its_publisher() {
    let stage = Stage::new().await;
    let one = stage.exchange(&json!({})).await.unwrap();
    let two = stage.exchange(&json!({})).await.unwrap();
    stage.yard.give_back(&one.text).await.unwrap();
    assert!(stage.access(&one.text).await.is_none());
    assert!(stage.access(&two.text).await.is_some());
    stage.later(899);
    assert!(stage.access(&two.text).await.is_some());
    stage.later(1);
    assert!(stage.access(&two.text).await.is_none());
    // Another publisher of the same name is another one.
    let three = stage.exchange(&json!({})).await.unwrap();
    assert!(stage.access(&three.text).await.is_some());
    stage.distrust("app").await;
    assert!(stage.access(&three.text).await.is_none());
    stage.trust("app", "acme/app", "*").await.unwrap();
    assert!(stage.access(&three.text).await.is_none());
    assert!(stage.access("pyd_oidc_0").await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_used_once_on_whichever_node() {
    let stage = Stage::new().await;
    let other = stage.room.open_at(&stage.clock).await;
    other.ask_issuers_by(Arc::new(stage.issuer.clone()));
    let token = stage.token(&json!({ "jti": "1" }));
    stage.yard.exchange(&token, None).await.unwrap();
    assert_eq!(refusal(other.exchange(&token, None).await), Refusal::ReusedToken);
    // Another token with the same id is the same; one without an id is known by itself.
    let again = stage.token(&json!({ "jti": "1", "more": 1 }));
    assert_eq!(
        refusal(stage.yard.exchange(&again, None).await),
        Refusal::ReusedToken
    );
    let nameless = stage.token(&json!({ "jti": null, "more": 2 }));
    stage.yard.exchange(&nameless, None).await.unwrap();
    assert_eq!(
        refusal(other.exchange(&nameless, None).await),
        Refusal::ReusedToken
    );
    // At the same time, on both.
    let token = stage.token(&json!({}));
    let (here, there) = tokio::join!(stage.yard.exchange(&token, None), other.exchange(&token, None));
    assert_eq!(u8::from(here.is_ok()) + u8::from(there.is_ok()), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_says_something_else_is_refused() {
    let stage = Stage::new().await;
    let now = 1_700_000_000;
    for (changes, expected) in [
        (
            json!({ "iss": "https://other.example.org" }),
            Refusal::InvalidPublisher,
        ),
        (
            json!({ "iss": format!("{}/", issuer::URL) }),
            Refusal::InvalidPublisher,
        ),
        (json!({ "aud": "other" }), Refusal::InvalidToken),
        (json!({ "aud": ["other", "packages2"] }), Refusal::InvalidToken),
        (json!({ "exp": now - 60 }), Refusal::InvalidToken),
        (json!({ "exp": now + 40 * 86_400 }), Refusal::InvalidToken),
        (json!({ "nbf": now + 61 }), Refusal::InvalidToken),
        (json!({ "iat": now + 61 }), Refusal::InvalidToken),
        (json!({ "repository": "acme/app2" }), Refusal::InvalidPublisher),
        (
            json!({ "repository": "evil/acme/app" }),
            Refusal::InvalidPublisher,
        ),
        (json!({ "repository": "Acme/app" }), Refusal::InvalidPublisher),
        (json!({ "repository": ["acme/app"] }), Refusal::InvalidPublisher),
        (json!({ "repository": null }), Refusal::InvalidPublisher),
        (json!({ "ref": "refs/tags/v1" }), Refusal::InvalidPublisher),
    ] {
        assert_eq!(refusal(stage.exchange(&changes).await), expected, "{changes}");
    }
    // Within a minute clocks may differ, and a list of audiences is as good as one.
    for changes in [
        json!({ "exp": now - 59 }),
        json!({ "nbf": now + 60, "iat": now + 60 }),
        json!({ "aud": ["other", "packages"] }),
    ] {
        stage.exchange(&changes).await.unwrap();
    }
    assert_eq!(
        refusal(stage.yard.exchange("x.y.z", None).await),
        Refusal::InvalidToken
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_publishers_the_client_says_which() {
    let stage = Stage::new().await;
    stage.trust("all", "acme/*", "docs").await.unwrap();
    let Err(e) = stage.exchange(&json!({})).await else {
        panic!("a token was given")
    };
    assert!(e.to_string().contains("`all`, `app`"), "{e}");
    assert_eq!(refusal(Err(e)), Refusal::AmbiguousPublisher);
    let wanted = TokenId::parse("all").unwrap();
    let token = stage.token(&json!({}));
    let given = stage.yard.exchange(&token, Some(&wanted)).await.unwrap();
    let access = stage.access(&given.text).await.unwrap();
    publish(&stage.yard, &access, "docs").await.unwrap();
    publish(&stage.yard, &access, "app").await.unwrap_err();
    let nobody = TokenId::parse("nobody").unwrap();
    let token = stage.token(&json!({}));
    assert_eq!(
        refusal(stage.yard.exchange(&token, Some(&nobody)).await),
        Refusal::InvalidPublisher
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_of_the_issuers_is_found_and_strangers_do_not_have_it_asked_all_the_time() {
    let stage = Stage::new().await;
    stage.exchange(&json!({})).await.unwrap();
    let asked = stage.issuer.asked();
    stage.exchange(&json!({})).await.unwrap();
    assert_eq!(stage.issuer.asked(), asked, "keys are kept");
    stage.issuer.rotate();
    stage.exchange(&json!({})).await.unwrap();
    assert_eq!(stage.issuer.asked(), asked + 2, "its configuration, and its keys");
    // A key that nobody has: asked once a minute, however many ask.
    for _ in 0..3 {
        let token = Issuer::new().token(1_700_000_000, &json!({}));
        assert_eq!(
            refusal(stage.yard.exchange(&token, None).await),
            Refusal::InvalidToken
        );
    }
    assert_eq!(stage.issuer.asked(), asked + 4);
    // Too soon after it was asked in vain.
    stage.issuer.rotate();
    assert_eq!(refusal(stage.exchange(&json!({})).await), Refusal::InvalidToken);
    assert_eq!(stage.issuer.asked(), asked + 4);
    stage.later(60);
    stage.exchange(&json!({})).await.unwrap();
    // A key that the issuer has given up is good no longer than its set was kept.
    let old = stage.token(&json!({ "exp": 1_700_010_000 }));
    stage.issuer.rotate();
    stage.later(3600);
    assert_eq!(
        refusal(stage.yard.exchange(&old, None).await),
        Refusal::InvalidToken
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_is_away_is_said_to_be_and_asked_again_soon() {
    let stage = Stage::new().await;
    stage.later(86_400);
    stage.issuer.is_away(true);
    let down = stage.exchange(&json!({})).await;
    assert!(matches!(down, Err(RepoError::IssuerDown { .. })));
    let asked = stage.issuer.asked();
    stage.issuer.is_away(false);
    assert!(stage.exchange(&json!({})).await.is_err());
    assert_eq!(stage.issuer.asked(), asked);
    stage.later(5);
    stage.exchange(&json!({})).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_issuers_of_publishers_are_asked() {
    let stage = Stage::new().await;
    stage.distrust("app").await;
    let asked = stage.issuer.asked();
    assert_eq!(
        refusal(stage.exchange(&json!({})).await),
        Refusal::InvalidPublisher
    );
    assert_eq!(stage.issuer.asked(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_swept_when_they_are_over_and_not_before() {
    let stage = Stage::new().await;
    stage.exchange(&json!({})).await.unwrap();
    let files = |kind: &str| {
        let directory = stage.room.path().join("store/once").join(kind);
        std::fs::read_dir(directory).map_or(0, Iterator::count)
    };
    assert_eq!((files("oidc"), files("token")), (1, 1));
    stage.later(901);
    stage.yard.sweep_staging().await.unwrap();
    assert_eq!((files("oidc"), files("token")), (1, 0));
    stage.later(2 * 86_400);
    stage.yard.sweep_staging().await.unwrap();
    assert_eq!((files("oidc"), files("token")), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn fsck_reads_the_records_and_names_one_that_is_damaged() {
    let stage = Stage::new().await;
    stage.exchange(&json!({})).await.unwrap();
    let report = stage.yard.fsck().await.unwrap();
    assert!(
        report.findings.is_empty() && report.notes.is_empty(),
        "{report:?}"
    );
    let directory = stage.room.path().join("store/once/oidc");
    let mark = std::fs::read_dir(directory)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let mut bytes = std::fs::read(&mark).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&mark, bytes).unwrap();
    let report = stage.yard.fsck().await.unwrap();
    let name = mark.file_name().unwrap().to_str().unwrap();
    assert!(format!("{:?}", report.findings).contains(name), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_are_told_the_audience_of_all_publishers_or_that_of_the_server() {
    let stage = Stage::new().await;
    assert_eq!(stage.yard.audience().unwrap(), "packages");
    stage.distrust("app").await;
    assert_eq!(stage.yard.audience().unwrap(), "packyard");
    stage.yard.serve_at(Some("https://packages.example.org:8443/"));
    assert_eq!(stage.yard.audience().unwrap(), "packages.example.org");
}
