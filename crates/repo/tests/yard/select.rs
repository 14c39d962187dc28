//! What names, versions and filenames mean in a channel.

use crate::room::{Room, deb, deb_of, main, publish};
use packyard_repo::{RepoError, Selector, Yard};
use packyard_types::{ChannelRef, DistributionName};

async fn files(yard: &Yard, at: &ChannelRef, d: Option<&str>, typed: &str) -> Result<Vec<String>, RepoError> {
    let d = d.map(|d| DistributionName::parse(d).unwrap());
    let selection = yard.select(at, d.as_ref(), &[Selector::parse(typed)?]).await?;
    let artifacts = selection.artifacts();
    Ok(artifacts
        .iter()
        .map(|l| format!("{}/{}", l.artifact.distribution, l.artifact.name))
        .collect())
}

async fn said(yard: &Yard, typed: &str) -> String {
    let e = files(yard, &main(), None, typed).await.unwrap_err();
    format!("{e}; {}", e.hint().unwrap_or_default())
}

/// foo 1.0, 1.1rc1 (two packages, one of it rebuilt for trixie) and a Debian revision more; bar 2.0.
async fn yard_of_foo(room: &Room) -> Yard {
    let yard = room.open().await;
    let releases: [(&str, &[(&str, &str)]); 4] = [
        ("any", &[("foo", "1.0-1"), ("libfoo1", "1.0-1")]),
        ("bookworm", &[("foo", "1.1~rc1-1"), ("libfoo1", "1.1~rc1-1")]),
        ("trixie", &[("foo", "1.1~rc1-1~trixie1")]),
        ("any", &[("foo", "1.0-2"), ("libfoo1", "1.0-2")]),
    ];
    for (distribution, packages) in releases {
        let files: Vec<_> = packages
            .iter()
            .map(|(p, v)| deb_of("foo", p, v, "text"))
            .collect();
        publish(&yard, &files, distribution).await.unwrap();
    }
    publish(&yard, &[deb("bar", "1:2.0-1", "text")], "any")
        .await
        .unwrap();
    yard
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_means_its_newest_release_and_a_version_all_of_one() {
    let room = Room::new();
    let yard = yard_of_foo(&room).await;
    let of_1_0 = [
        "any/foo_1.0-1_all.deb",
        "any/libfoo1_1.0-1_all.deb",
        "any/foo_1.0-2_all.deb",
        "any/libfoo1_1.0-2_all.deb",
    ];
    let of_rc1 = [
        "bookworm/foo_1.1~rc1-1_all.deb",
        "bookworm/libfoo1_1.1~rc1-1_all.deb",
        "trixie/foo_1.1~rc1-1~trixie1_all.deb",
    ];
    for typed in [
        "foo",
        "Foo",
        "libfoo1",
        "foo==1.0",
        "foo==1.0.0",
        "libfoo1==1",
        "foo == 1.0",
    ] {
        assert_eq!(
            files(&yard, &main(), None, typed).await.unwrap(),
            of_1_0,
            "{typed}"
        );
    }
    for typed in ["foo==1.1rc1", "foo==1.1-RC1", "foo==1.1~rc1", "libfoo1==1.1.0rc1"] {
        assert_eq!(
            files(&yard, &main(), None, typed).await.unwrap(),
            of_rc1,
            "{typed}"
        );
    }
    for typed in [
        "bar",
        "bar==1!2.0",
        "bar==1:2.0",
        "bar==2.0",
        "bar==2.0-1",
        "bar==1:2.0-1",
    ] {
        assert_eq!(
            files(&yard, &main(), None, typed).await.unwrap(),
            ["any/bar_2.0-1_all.deb"],
            "{typed}"
        );
    }
    assert_eq!(files(&yard, &main(), None, "foo==*").await.unwrap().len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_native_version_or_a_filename_means_only_what_has_it() {
    let room = Room::new();
    let yard = yard_of_foo(&room).await;
    let of = async |typed: &str| files(&yard, &main(), None, typed).await.unwrap();
    assert_eq!(
        of("foo==1.0-2").await,
        ["any/foo_1.0-2_all.deb", "any/libfoo1_1.0-2_all.deb"]
    );
    assert_eq!(
        of("foo==1.1~rc1-1~trixie1").await,
        ["trixie/foo_1.1~rc1-1~trixie1_all.deb"]
    );
    assert_eq!(of("libfoo1_1.0-2_all.deb").await, ["any/libfoo1_1.0-2_all.deb"]);
    assert_eq!(of("bar_1%3a2.0-1_all.deb").await, ["any/bar_2.0-1_all.deb"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_is_of_its_revision_and_its_distribution() {
    let room = Room::new();
    let yard = yard_of_foo(&room).await;
    let at = yard.applied().unwrap().revision;
    let first = ChannelRef {
        at: Some(packyard_types::Revision(at.0 - 4)),
        ..main()
    };
    assert_eq!(files(&yard, &first, None, "foo==*").await.unwrap().len(), 2);
    let of = async |d, typed: &str| files(&yard, &main(), Some(d), typed).await;
    assert_eq!(
        of("trixie", "foo").await.unwrap(),
        ["trixie/foo_1.1~rc1-1~trixie1_all.deb"]
    );
    let e = of("trixie", "bar").await.unwrap_err();
    assert_eq!(
        e.to_string(),
        "there is no `bar` in distribution `trixie` of channel `main`"
    );
    assert_eq!(e.hint().unwrap(), "did you mean `any`?");
    assert_eq!(
        of("trixe", "foo").await.unwrap_err().hint().unwrap(),
        "did you mean `trixie`?"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ambiguous_is_refused_with_the_candidates_as_they_can_be_typed() {
    let room = Room::new();
    let yard = yard_of_foo(&room).await;
    publish(
        &yard,
        &[
            deb_of("bar", "tool", "1.0-1", "x"),
            deb_of("foo", "tool", "3.0-1", "x"),
        ],
        "any",
    )
    .await
    .unwrap();
    publish(&yard, &[deb_of("bar", "bar", "2:2.0-1", "x")], "bookworm")
        .await
        .unwrap();
    assert_eq!(
        said(&yard, "tool==1.0").await,
        "`tool` in channel `main` is a package of 2 projects: it may be bar==1.0 (tool_1.0-1_all.deb) or foo==3.0 \
         (tool_3.0-1_all.deb); say which: write one of them in its place"
    );
    assert_eq!(
        said(&yard, "bar==2.0").await,
        "`bar==2.0` in channel `main` is a native version of several releases: it may be bar==1!2.0 \
         (bar_2.0-1_all.deb) or bar==2!2.0 (bar_2.0-1_all.deb); say which: write one of them in its place"
    );
    assert_eq!(
        files(&yard, &main(), None, "bar==2!2.0").await.unwrap(),
        ["bookworm/bar_2.0-1_all.deb"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unknown_is_refused_with_the_nearest_and_several_all_together() {
    let room = Room::new();
    let yard = yard_of_foo(&room).await;
    let table = [
        (
            "libfo1",
            "there is no package `libfo1` in channel `main`; did you mean `libfoo1`?",
        ),
        (
            "foo==1.0-3",
            "there is no version `1.0-3` of package `foo` in channel `main`; did you mean `foo==1.0-1`?",
        ),
        (
            "foo_1.0-3_all.deb",
            "there is no file `foo_1.0-3_all.deb` in channel `main`; did you mean `foo_1.0-1_all.deb`?",
        ),
    ];
    for (typed, expected) in table {
        assert_eq!(said(&yard, typed).await, expected);
    }
    let both = ["nothing", "foo==9"].map(|s| Selector::parse(s).unwrap());
    let e = yard.select(&main(), None, &both).await.unwrap_err();
    assert!(matches!(e, RepoError::Several(all) if all.len() == 2));
}
