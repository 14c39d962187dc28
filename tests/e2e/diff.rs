//! What differs between two revisions of a channel, with the changelog in between.

use serde_json::Value;

use crate::circle::{admin, publish_to, yard_of_three};
use crate::harness::{Outcome, Project, Venv, Yard, get, packyard};

fn diff(yard: &Yard, args: &[&str]) -> Outcome {
    let (server, token) = (yard.url(""), yard.admin_token());
    let mut all = vec!["diff"];
    all.extend(args);
    all.extend(["--server", &server, "--token", &token]);
    packyard(all)
}

fn json(yard: &Yard, args: &[&str]) -> Value {
    let mut all = args.to_vec();
    all.push("--json");
    serde_json::from_str(&diff(yard, &all).ok().stdout).unwrap()
}

/// hello-world 1.1.3, 1.1.4, 1.1.5, each in a revision of its own: the first of them.
fn three_releases() -> (Yard, u64) {
    let (yard, project) = Yard::with_hello_world();
    let first = yard.revision();
    project.bump("1.1.4");
    project.replace(
        "CHANGELOG.rst",
        "* Change something.",
        "* Greet <all> of *them*.\n* Be `quick`.",
    );
    yard.publish(&project.build());
    project.bump("1.1.5");
    yard.publish(&project.build());
    (yard, first)
}

#[test]
fn a_diff_has_versions_files_and_the_changelog_between_two_revisions() {
    let (yard, first) = three_releases();
    let found = json(&yard, &["main", &first.to_string()]);
    assert_eq!(
        found["from"],
        serde_json::json!({ "channel": "main", "revision": first })
    );
    assert_eq!(found["to"]["revision"], yard.revision());
    let project = &found["projects"][0];
    assert_eq!(
        [
            &project["project"],
            &project["change"],
            &project["from"],
            &project["to"]
        ],
        ["hello-world", "changed", "1.1.3", "1.1.5"]
    );
    assert_eq!(project["versions_added"], serde_json::json!(["1.1.5", "1.1.4"]));
    assert_eq!(found["counts"]["files"]["added"], 8);
    let entries = project["changelog"]["entries"].as_array().unwrap();
    let said: Vec<_> = entries
        .iter()
        .map(|e| (e["version"].as_str().unwrap(), &e["items"]))
        .collect();
    assert_eq!(
        said,
        [
            ("1.1.5", &serde_json::json!(["Change something."])),
            (
                "1.1.4",
                &serde_json::json!(["Greet <all> of *them*.", "Be `quick`."])
            )
        ]
    );
    assert!(project["changelog"]["source"].as_str().unwrap().ends_with(".deb"));
}

#[test]
fn release_notes_write_themselves() {
    let (yard, first) = three_releases();
    let next = (first + 1).to_string();
    let notes = diff(&yard, &["main", &first.to_string(), &next, "--notes"])
        .ok()
        .stdout;
    assert_eq!(
        notes,
        "## hello-world 1.1.3 → 1.1.4\n\n- Greet \\<all\\> of \\*them\\*.\n- Be `quick`.\n"
    );
    diff(&yard, &["main", &next, &next])
        .ok()
        .says(&["nothing differs"]);
}

#[test]
fn back_is_told_as_back() {
    let (yard, first) = three_releases();
    diff(
        &yard,
        &["main", &(first + 2).to_string(), &(first + 1).to_string()],
    )
    .ok()
    .says(&[
        "~ hello-world 1.1.5 -> 1.1.4",
        "- any        hello-world_1.1.5-1_all.deb",
        "no longer: 1.1.5-1 (2024-06-01)",
    ]);
}

#[test]
fn a_wheel_has_no_changelog_and_the_notes_say_so() {
    let yard = Yard::new();
    let before = yard.revision();
    let dist = Project::hello_world().build();
    Venv::twine_upload(&yard.url("/main/legacy/"), &yard.admin_token(), &[&dist.wheel()]).ok();
    diff(&yard, &["main", &before.to_string(), "--notes"])
        .ok()
        .says(&["## hello-world 1.1.3 (new)", "carry no changelog"]);
    // The .rpm of the same release brings it.
    let at = yard.revision();
    packyard([
        "publish",
        dist.rpm().to_str().unwrap(),
        "--data",
        yard.data().to_str().unwrap(),
    ])
    .ok();
    let found = json(&yard, &["main", &before.to_string()]);
    assert!(
        found["projects"][0]["changelog"]["source"]
            .as_str()
            .unwrap()
            .ends_with(".rpm")
    );
    let found = json(&yard, &["main", &at.to_string()]);
    assert_eq!(found["projects"][0]["change"], "changed");
    assert_eq!(found["counts"]["files"]["added"], 1);
}

#[test]
fn what_is_no_revision_tag_date_or_channel_is_refused() {
    let (yard, _) = Yard::with_hello_world();
    diff(&yard, &["main", "99"])
        .exits(1)
        .says(&["there is no revision 99"]);
    diff(&yard, &["main", "mian"])
        .exits(1)
        .says(&["no tag `mian` of channel `main`", "did you mean `main`?"]);
    diff(&yard, &["main", "1999-01-01"])
        .exits(1)
        .says(&["as early as 1999-01-01"]);
    diff(&yard, &["mian", "1"])
        .exits(1)
        .says(&["did you mean `main`?"]);
    get(&yard.url("/api/v1/channels/main/diff")).is(400);
}

#[test]
fn channels_differ_until_they_are_promoted_and_tags_and_yanks_count() {
    let yard = yard_of_three();
    let project = Project::hello_world();
    publish_to(&yard, &project, "dev");
    admin(
        &yard,
        &["promote", "hello-world", "--from", "dev", "--to", "stable"],
    )
    .ok();
    admin(&yard, &["tag", "dev", "first"]).ok();
    diff(&yard, &["stable", "dev"]).ok().says(&["nothing differs"]);
    project.bump("1.1.4");
    publish_to(&yard, &project, "dev");
    let said = ["~ hello-world 1.1.3 -> 1.1.4", "* Change something."];
    diff(&yard, &["stable", "dev"]).ok().says(&said);
    diff(&yard, &["dev", "stable@first"])
        .exits(1)
        .says(&["no tag `first` in channel `stable`"]);
    for sides in [
        &["dev", "first"][..],
        &["dev", "dev@first", "dev"],
        &["dev@first", "dev"],
    ] {
        diff(&yard, sides).ok().says(&said);
    }
    admin(
        &yard,
        &[
            "yank",
            "hello-world==1.1.4",
            "--channel",
            "dev",
            "--reason",
            "eats files",
        ],
    )
    .ok();
    let found = json(&yard, &["dev", &(yard.revision() - 1).to_string()]);
    assert_eq!(found["counts"]["files"]["yanked"], 4);
    let p = &found["projects"][0];
    assert_eq!(
        [&p["from"], &p["to"], &p["files"][0]["yanked"]],
        ["1.1.4", "1.1.3", "eats files"]
    );
    assert_eq!(
        (
            &p["changelog"]["reverted"],
            p["changelog"]["entries"].as_array().unwrap().len()
        ),
        (&true.into(), 1)
    );
}

#[test]
fn a_channel_that_the_caller_may_not_read_is_not_there() {
    let yard = yard_of_three();
    publish_to(&yard, &Project::hello_world(), "dev");
    admin(&yard, &["channel", "set", "stable", "--private"]).ok();
    for from in ["stable", "stable@1"] {
        let path = format!("/api/v1/channels/dev/diff?from={from}");
        assert!([401, 404].contains(&get(&yard.url(&path)).status), "{from}");
    }
}
