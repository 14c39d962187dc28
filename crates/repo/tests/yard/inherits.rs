//! Where a name comes from: the channel, what it inherits, its upstream. Lookup decides; nothing is fetched here.

use crate::room::{Room, channel, configure, publish_to, sdist};
use packyard_repo::{Access, RepoError, What, Why, Withdrawal, Yard};
use packyard_types::{
    Actor, Change, ChannelName, ChannelRef, ChannelSettings, Operation, ProjectName, ProjectSettings,
    Revision,
};

fn name(s: &str) -> ProjectName {
    ProjectName::parse(s).unwrap()
}

fn inheriting(parents: &[&str]) -> ChannelSettings {
    ChannelSettings {
        inherits: parents.iter().map(|p| ChannelName::parse(p).unwrap()).collect(),
        ..ChannelSettings::of_main()
    }
}

async fn set(yard: &Yard, child: &str, settings: ChannelSettings) -> ChannelName {
    let child = ChannelName::parse(child).unwrap();
    configure(yard, &child, settings).await;
    child
}

async fn try_configure(yard: &Yard, child: &str, settings: ChannelSettings) -> Result<(), RepoError> {
    let operation = Operation::Configure {
        channel: ChannelName::parse(child).unwrap(),
        settings,
    };
    commit(yard, operation).await
}

async fn commit(yard: &Yard, operation: Operation) -> Result<(), RepoError> {
    let change = Change {
        actor: Actor::local(),
        sender: packyard_types::Sender::default(),
        at: yard.now(),
        note: None,
        operation,
    };
    yard.commit(packyard_repo::Proposal::of(change)).await.map(drop)
}

/// What holds a project, as `CHANNEL: FILENAME`.
fn held(yard: &Yard, channel: &ChannelRef, project: &str) -> Vec<String> {
    let sources = yard.python_sources(channel, &name(project)).unwrap();
    let of_one = |s: &packyard_repo::PythonSource| {
        let channel = s.channel.clone();
        let names = s
            .listed
            .iter()
            .map(move |l| format!("{channel}: {}", l.artifact.name));
        names.collect::<Vec<_>>()
    };
    sources.own.iter().flat_map(of_one).collect()
}

fn why(yard: &Yard, channel: &ChannelName, project: &str) -> (bool, Why) {
    let sources = yard
        .python_sources(&ChannelRef::now(channel.clone()), &name(project))
        .unwrap();
    (sources.upstream.is_some(), sources.why)
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_are_asked_in_order_depth_first_and_each_once() {
    let room = Room::new();
    let yard = room.open().await;
    let base = channel(&yard, "base").await;
    let left = set(&yard, "left", inheriting(&["base"])).await;
    let right = set(&yard, "right", inheriting(&["base"])).await;
    let top = set(&yard, "top", inheriting(&["right", "left"])).await;
    for (at, version) in [(&base, "1"), (&left, "2"), (&right, "3"), (&top, "4")] {
        publish_to(&yard, at, &[sdist("acme", version)], "any")
            .await
            .unwrap();
    }
    let chain: Vec<String> = yard
        .chain(&top)
        .unwrap()
        .into_iter()
        .map(|(n, _)| n.to_string())
        .collect();
    assert_eq!(chain, ["top", "right", "base", "left"]);
    assert_eq!(
        held(&yard, &ChannelRef::now(top.clone()), "acme"),
        [
            "top: acme-4.tar.gz",
            "right: acme-3.tar.gz",
            "base: acme-1.tar.gz",
            "left: acme-2.tar.gz"
        ]
    );
    // The revision is that of the yard: before `top` published, the others had.
    let before = ChannelRef {
        channel: top,
        at: Some(Revision(yard.applied().unwrap().revision.0 - 1)),
    };
    assert_eq!(held(&yard, &before, "acme").len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_circle_of_inheritance_and_the_deletion_of_what_is_inherited_are_refused() {
    let room = Room::new();
    let yard = room.open().await;
    let base = channel(&yard, "base").await;
    set(&yard, "child", inheriting(&["base"])).await;
    for (channel, parents) in [("base", ["child"]), ("child", ["child"])] {
        let refused = try_configure(&yard, channel, inheriting(&parents))
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("itself"), "{refused}");
    }
    let refused = commit(&yard, Operation::DeleteChannel { channel: base }).await;
    assert!(refused.unwrap_err().to_string().contains("`child` inherits it"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_was_ever_held_or_is_reserved_is_never_asked_of_the_upstream() {
    let room = Room::new();
    let yard = room.open().await;
    let base = channel(&yard, "base").await;
    let settings = ChannelSettings {
        reserved: std::iter::once("corp-*".parse().unwrap()).collect(),
        ..inheriting(&[])
    };
    set(&yard, "base", settings).await;
    let settings = ChannelSettings {
        upstream: Some("http://index.example/simple/".parse().unwrap()),
        ..inheriting(&["base"])
    };
    let child = set(&yard, "child", settings).await;
    publish_to(&yard, &base, &[sdist("acme", "1.0")], "any")
        .await
        .unwrap();
    assert_eq!(why(&yard, &child, "other"), (true, Why::Unknown));
    assert_eq!(why(&yard, &child, "acme"), (false, Why::Published(base.clone())));
    let reserved = Why::Reserved(base.clone(), "corp-*".parse().unwrap());
    assert_eq!(why(&yard, &child, "corp-secret"), (false, reserved));
    assert_eq!(why(&yard, &base, "other"), (false, Why::NoUpstream));

    let removal = Withdrawal {
        what: What::Remove,
        channel: base.clone(),
        distribution: None,
        packages: vec![packyard_repo::Selector::parse("acme==1.0").unwrap()],
        reason: None,
        if_revision: None,
    };
    yard.withdraw(&Access::Local, removal).await.unwrap();
    assert_eq!(held(&yard, &ChannelRef::now(child.clone()), "acme").len(), 0);
    assert_eq!(why(&yard, &child, "acme"), (false, Why::Published(base)));

    let open = Operation::Project {
        channel: child.clone(),
        project: name("acme"),
        settings: ProjectSettings {
            open: true,
            ..ProjectSettings::default()
        },
    };
    commit(&yard, open).await.unwrap();
    assert_eq!(why(&yard, &child, "acme"), (true, Why::Open));
}
