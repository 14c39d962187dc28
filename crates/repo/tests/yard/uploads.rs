//! Whose bytes a release may name, and what is said before they are sent.

use crate::room::{Room, deb, publish};
use packyard_repo::{
    Access, Conditions, Incoming, Intended, Limits, Needed, Proposal, Receipt, Release, RepoError, Source,
    TokenWish, Yard,
};
use packyard_types::{
    Actor, ArtifactName, Change, ChannelName, ChannelSettings, Digest, DistributionName,
    DistributionSettings, Operation,
};

fn channel(name: &str) -> ChannelName {
    ChannelName::parse(name).unwrap()
}

async fn change(yard: &Yard, operation: Operation) {
    let change = Change {
        actor: Actor::local(),
        sender: packyard_types::Sender::default(),
        at: yard.now(),
        note: None,
        operation,
    };
    yard.commit(Proposal::of(change)).await.unwrap();
}

/// A channel that nobody may read without a token, and that makes no distributions.
async fn private(yard: &Yard, name: &str) {
    let settings = ChannelSettings {
        public: false,
        auto_distributions: false,
        ..ChannelSettings::of_main()
    };
    let channel = channel(name);
    change(yard, Operation::Configure { channel, settings }).await;
}

async fn token(yard: &Yard, channels: &str) -> Access {
    let wish = TokenWish {
        networks: Vec::new(),
        id: None,
        can: "publish".parse().unwrap(),
        channels: channels.to_owned(),
        projects: "*".to_owned(),
        expires: None,
    };
    let (_, text) = yard.grant(&Access::Local, wish).await.unwrap();
    yard.access(&text, packyard_types::Sender::default()).unwrap()
}

async fn send(yard: &Yard, access: &Access, to: &str, file: &(ArtifactName, Vec<u8>)) -> bool {
    let mut receiver = yard.receive(file.0.as_str(), u64::MAX).unwrap();
    receiver.write(&file.1).unwrap();
    yard.keep(access, &channel(to), &receiver.finish())
        .await
        .unwrap()
        .1
}

async fn name_it(
    yard: &Yard,
    access: &Access,
    to: &str,
    file: &(ArtifactName, Vec<u8>),
) -> Result<Receipt, RepoError> {
    let incoming = Incoming {
        name: file.0.clone(),
        distribution: None,
        component: None,
        source: Source::Stored(Digest::of(&file.1)),
        uploaded_at: None,
    };
    let release = Release {
        channel: channel(to),
        artifacts: vec![incoming],
        note: None,
        if_revision: None,
        skip_refused: false,
    };
    yard.publish(access, release, &Limits::default()).await
}

async fn ask(
    yard: &Yard,
    access: &Access,
    to: &str,
    file: &(ArtifactName, Vec<u8>),
    distribution: Option<&str>,
) -> Result<Needed, RepoError> {
    let intended = Intended {
        parts: std::collections::BTreeSet::new(),
        name: file.0.clone(),
        digest: Digest::of(&file.1),
        distribution: distribution.map(|d| DistributionName::parse(d).unwrap()),
        component: None,
    };
    yard.needed(access, &channel(to), vec![intended], Conditions::default())
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_of_a_hidden_channel_cannot_be_had_by_their_digest() {
    let room = Room::new();
    let yard = room.open().await;
    private(&yard, "secret").await;
    let (insider, outsider, both) = (
        token(&yard, "secret").await,
        token(&yard, "main").await,
        token(&yard, "*").await,
    );
    let file = deb("gem", "1.0-1", "hidden");
    assert!(send(&yard, &insider, "secret", &file).await);

    for published in [false, true] {
        if published {
            name_it(&yard, &insider, "secret", &file).await.unwrap();
        }
        let refused = name_it(&yard, &outsider, "main", &file).await.unwrap_err();
        let absent = name_it(&yard, &outsider, "main", &deb("gem", "1.0-1", "nowhere"))
            .await
            .unwrap_err();
        let text = |e: &RepoError, bytes: &[u8]| e.to_string().replace(&Digest::of(bytes).to_string(), "D");
        assert_eq!(
            text(&refused, &file.1),
            text(&absent, &deb("gem", "1.0-1", "nowhere").1)
        );
        let needed = ask(&yard, &outsider, "main", &file, None).await.unwrap();
        assert_eq!(needed.missing.len(), 1, "the question says that it is there");
    }
    // Who may read it may publish it elsewhere without sending it again.
    assert!(
        ask(&yard, &both, "main", &file, None)
            .await
            .unwrap()
            .missing
            .is_empty()
    );
    // Who has the bytes may publish them, and does not learn that they are known.
    assert!(send(&yard, &outsider, "main", &file).await);
    assert!(!send(&yard, &outsider, "main", &file).await);
    assert!(
        ask(&yard, &outsider, "main", &file, None)
            .await
            .unwrap()
            .missing
            .is_empty()
    );
    name_it(&yard, &outsider, "main", &file).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_waits_a_week_for_its_release() {
    let room = Room::new();
    let file = deb("gem", "1.0-1", "text");
    let yard = room.open().await;
    let access = token(&yard, "main").await;
    send(&yard, &access, "main", &file).await;
    drop(yard);
    for (days, missing) in [(6, 0), (8, 1)] {
        let yard = room.open_after(days * 86_400).await;
        yard.sweep_staging().await.unwrap();
        let needed = ask(&yard, &access, "main", &file, None).await.unwrap();
        assert_eq!(needed.missing.len(), missing, "after {days} days");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_distribution_is_refused_before_anything_is_sent() {
    let room = Room::new();
    let yard = room.open().await;
    private(&yard, "strict").await;
    let settings = DistributionSettings {
        aliases: ["stable".parse().unwrap()].into(),
        ..DistributionSettings::default()
    };
    let distribution = Operation::Distribution {
        channel: channel("strict"),
        distribution: DistributionName::parse("bookworm").unwrap(),
        settings,
    };
    change(&yard, distribution).await;
    let file = deb("gem", "1.0-1", "text");
    let refused = ask(&yard, &Access::Local, "strict", &file, Some("bokworm"))
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "there is no distribution `bokworm` in channel `strict`"
    );
    assert_eq!(refused.hint().as_deref(), Some("did you mean `bookworm`?"));
    ask(&yard, &Access::Local, "strict", &file, Some("stable"))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_distribution_that_looks_like_a_slip_is_doubted() {
    let room = Room::new();
    let yard = room.open().await;
    publish(&yard, &[deb("gem", "1.0-1", "text")], "bookworm")
        .await
        .unwrap();
    let file = deb("gem", "2.0-1", "text");
    for (named, doubts) in [("bokworm", 1), ("bookworm", 0), ("trixie", 0), ("any", 0)] {
        let needed = ask(&yard, &Access::Local, "main", &file, Some(named))
            .await
            .unwrap();
        assert_eq!(needed.warnings.len(), doubts, "{named}: {:?}", needed.warnings);
    }
}
