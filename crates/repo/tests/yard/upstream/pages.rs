use super::Stage;
use crate::room::{publish, sdist};
use packyard_repo::{Access, RepoError, What, Withdrawal};
use packyard_types::{ChannelName, ChannelRef, Revision};

const WHEEL: &str = "other-1.0-py3-none-any.whl";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_kept_then_asked_for_again_and_served_stale_while_the_upstream_is_away() {
    let stage = Stage::new().await;
    stage.index.offers("other", WHEEL, b"one");
    assert_eq!(stage.files("other").await, [WHEEL]);
    assert_eq!(stage.files("other").await, [WHEEL]);
    assert_eq!(stage.index.asked().len(), 1, "the page is good for a minute");
    stage.pass(61);
    stage.index.offers("other", "other-2.0-py3-none-any.whl", b"two");
    assert_eq!(stage.files("other").await, ["other-2.0-py3-none-any.whl"]);
    let confirmed = 1_700_000_061;
    stage.pass(61);
    stage.index.is_down(true);
    let (page, stale) = stage.page("other").await.unwrap();
    assert_eq!(page["files"][0]["filename"], "other-2.0-py3-none-any.whl");
    assert_eq!(stale, Some(confirmed));
    stage.index.asked();

    // Another process, and an index made anew, know it too.
    let stage = stage.again().await;
    stage.yard.reindex().await.unwrap();
    let (page, stale) = stage.page("other").await.unwrap();
    assert_eq!(page["files"][0]["filename"], "other-2.0-py3-none-any.whl");
    assert_eq!(stale, Some(confirmed));
    stage.index.is_down(false);
    stage.pass(61);
    assert_eq!(stage.page("other").await.unwrap().1, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_copy_an_upstream_that_is_away_is_an_error_that_may_pass_and_not_an_absence() {
    let stage = Stage::new().await;
    stage.index.is_down(true);
    for n in 0..9 {
        let refused = stage.page(&format!("other-{n}")).await.unwrap_err();
        assert!(refused.is_unavailable(), "{refused}");
        // What an address answers is for the log: the upstream may have chosen it to learn that.
        let text = refused.to_string();
        assert!(
            text.contains("cannot be reached") && !text.contains("refused"),
            "{text}"
        );
    }
    assert_eq!(stage.index.asked().len(), 3, "who does not answer is left alone");
    stage.index.is_down(false);
    stage.index.offers("other-1", "other_1-1.0.tar.gz", b"x");
    stage.pass(61);
    assert_eq!(stage.files("other-1").await, ["other_1-1.0.tar.gz"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_page_is_a_failure_and_no_empty_project() {
    let stage = Stage::new().await;
    stage.index.garbles("other");
    let refused = stage.page("other").await.unwrap_err();
    assert!(refused.to_string().contains("neither JSON nor HTML"), "{refused}");
    stage.index.asked();
    stage.pass(59);
    assert!(stage.page("other").await.is_err());
    assert!(
        stage.index.asked().is_empty(),
        "garbage is remembered for a minute"
    );
    stage.pass(2);
    stage.index.offers("other", WHEEL, b"one");
    assert_eq!(stage.files("other").await, [WHEEL]);
    stage.pass(61);
    stage.index.garbles("other");
    assert!(stage.page("other").await.unwrap().1.is_some(), "stale");
    assert_eq!(stage.files("other").await, [WHEEL]);
}

#[tokio::test(flavor = "multi_thread")]
async fn that_there_is_no_such_project_is_believed_for_a_minute() {
    let stage = Stage::new().await;
    for _ in 0..3 {
        let missing = stage.page("other").await.unwrap_err();
        assert!(matches!(missing, RepoError::NotFound { .. }), "{missing}");
    }
    assert_eq!(stage.index.asked().len(), 1);
    stage.index.offers("other", WHEEL, b"one");
    stage.pass(61);
    assert_eq!(stage.files("other").await, [WHEEL]);
    // What was taken away there is not brought back when nobody can be asked.
    stage.index.forgets("other");
    stage.pass(61);
    assert!(stage.page("other").await.is_err());
    stage.index.is_down(true);
    let stage = stage.again().await;
    stage.pass(61);
    assert!(stage.page("other").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_hangs_costs_five_seconds_once_where_there_is_a_copy() {
    let stage = Stage::new().await;
    stage.index.offers("other", WHEEL, b"one");
    stage.files("other").await;
    stage.pass(61);
    stage.index.hangs(true);
    for _ in 0..5 {
        let (_, stale) = stage.page("other").await.unwrap();
        assert_eq!(stale, Some(1_700_000_000));
    }
    assert_eq!(
        stage.index.asked().len(),
        2,
        "one request hangs, and nobody sends another"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_this_yard_and_reserved_ones_are_never_asked_for() {
    let stage = Stage::new().await;
    let yard = &stage.yard;
    publish(yard, &[sdist("acme", "1.0"), sdist("gone", "1.0")], "any")
        .await
        .unwrap();
    let removal = Withdrawal {
        what: What::Remove,
        channel: ChannelName::main(),
        distribution: None,
        packages: vec![packyard_repo::Selector::parse("gone==1.0").unwrap()],
        reason: None,
        if_revision: None,
    };
    yard.withdraw(&Access::Local, removal).await.unwrap();
    for name in ["acme", "gone", "corp-secret"] {
        let file = format!("{}-9.0.tar.gz", name.replace('-', "_"));
        let digest = stage.index.offers(name, &file, b"evil");
        assert!(stage.bytes(&digest, &file).await.is_err(), "{name}");
    }
    assert_eq!(stage.files("acme").await, ["acme-1.0.tar.gz"]);
    assert!(stage.page("corp-secret").await.is_err());
    assert!(
        stage
            .page("gone")
            .await
            .map_or(true, |(page, _)| page["files"] == serde_json::json!([]))
    );
    assert_eq!(stage.index.asked(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn as_of_a_revision_nothing_comes_from_the_upstream() {
    let stage = Stage::new().await;
    stage.index.offers("other", WHEEL, b"one");
    let provenance = |at| {
        let channel = ChannelRef {
            channel: ChannelName::main(),
            at,
        };
        let yard = stage.yard.clone();
        async move {
            yard.provenance(&channel, &"other".parse().unwrap(), 10)
                .await
                .unwrap()
        }
    };
    assert_eq!(provenance(Some(Revision(1))).await.files.len(), 0);
    assert_eq!(provenance(None).await.files.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_project_gets_what_appears_at_the_upstream_later() {
    let stage = Stage::new().await;
    publish(&stage.yard, &[sdist("other", "1.0")], "any")
        .await
        .unwrap();
    let operation = packyard_types::Operation::Project {
        channel: ChannelName::main(),
        project: "other".parse().unwrap(),
        settings: packyard_types::ProjectSettings {
            open: true,
            ..packyard_types::ProjectSettings::default()
        },
    };
    let change = packyard_types::Change {
        actor: packyard_types::Actor::local(),
        sender: packyard_types::Sender::default(),
        at: stage.yard.now(),
        note: None,
        operation,
    };
    stage
        .yard
        .commit(packyard_repo::Proposal::of(change))
        .await
        .unwrap();
    assert_eq!(stage.files("other").await, ["other-1.0.tar.gz"]);
    stage.index.offers("other", "other-2.0.tar.gz", b"theirs");
    stage.pass(61);
    assert_eq!(
        stage.files("other").await,
        ["other-1.0.tar.gz", "other-2.0.tar.gz"]
    );
}
