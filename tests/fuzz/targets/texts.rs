//! Readers of texts.

use super::{limits, packages::package};
use crate::{Target, make, mutator::Mutator, seeds};

pub mod metadata {
    use super::{Mutator, Target, make};
    use packyard_formats::core_metadata;

    pub const TARGET: Target = Target {
        name: "metadata",
        make: |m: &mut Mutator| {
            let mut bytes = make::METADATA.as_bytes().to_vec();
            m.change(
                &mut bytes,
                &[
                    "\n",
                    ": ",
                    "Requires-Dist: a[b]>=1; python_version < '3'\n",
                    "Dynamic: ",
                    "é",
                ],
            );
            bytes
        },
        run: |bytes| {
            if let Ok(read) = core_metadata::parse(bytes) {
                core_metadata::write(&read);
            }
        },
    };
}

pub mod deb822 {
    use super::{Mutator, Target, make, seeds};
    use packyard_formats::{deb822, openpgp};

    pub const TARGET: Target = Target {
        name: "deb822",
        make: |m: &mut Mutator| {
            let text = *m.pick(&[make::CONTROL, seeds::DSC, seeds::PACKAGES]);
            let framed = format!(
                "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{text}-----BEGIN PGP SIGNATURE-----\n\nabc\n=abcd\n-----END PGP SIGNATURE-----\n"
            );
            let text = if m.below(3) == 0 { &framed } else { text };
            m.change_text(
                text,
                &[
                    "\n",
                    "\n ",
                    ": ",
                    "\r",
                    "- -",
                    "-----BEGIN PGP SIGNATURE-----\n",
                    "#",
                ],
            )
            .into_bytes()
        },
        run: |bytes| {
            let text = String::from_utf8_lossy(bytes);
            drop(deb822::parse(&text));
            drop(deb822::parse_one(&text));
            drop(openpgp::unframe(&text));
        },
    };
}

pub mod changelog {
    use super::{Mutator, Target, make, package, seeds};

    const WORDS: [&str; 8] = ["hello (", ") ", "; urgency=", " -- ", "  ", "\n", "  * ", "+9999"];

    /// As `check` reads the changelog of a .deb.
    pub const TARGET: Target = Target {
        name: "changelog",
        make: |m: &mut Mutator| {
            let mut text = seeds::CHANGELOG.as_bytes().to_vec();
            m.change(&mut text, &WORDS);
            let doc = "./usr/share/doc/hello/changelog.Debian.gz";
            let data = make::Tar::new().dir("./").file(doc, &make::gzip(&text)).done();
            make::Deb {
                data,
                md5sums: String::new(),
                ..make::Deb::good()
            }
            .build()
        },
        run: |bytes| drop(package(make::DEB, bytes)),
    };
}

pub mod dsc {
    use super::{Mutator, Target, limits, seeds};
    use packyard_formats::dsc::{self, Dsc};
    use packyard_formats::intake;
    use std::io::{Cursor, Read};

    const WORDS: [&str; 8] = [
        "\n ",
        "../",
        " 5 ",
        "Files:\n",
        "3.0 (native)",
        "1.0",
        ".orig-x.tar.gz",
        "\n\n",
    ];

    pub const TARGET: Target = Target {
        name: "dsc",
        make: |m: &mut Mutator| m.change_text(seeds::DSC, &WORDS).into_bytes(),
        run: |bytes| {
            let Ok(read) = Dsc::parse(bytes) else { return };
            let open = |_: &_| Ok(Box::new(Cursor::new(b"hello".to_vec())) as Box<dyn Read>);
            let name = "hello_1.0-2.dsc".parse().unwrap();
            drop(intake::read_source(&name, read.clone(), &open, &limits()));
            drop(dsc::read(read, &open, &limits()));
        },
    };
}

pub mod changes {
    use super::{Mutator, Target, seeds};
    use packyard_formats::changes::Changes;

    const WORDS: [&str; 8] = [
        "\n ",
        "../",
        " 5 ",
        "Files:\n",
        ".dsc",
        "_all.deb",
        ".buildinfo",
        "\n\n",
    ];

    pub const TARGET: Target = Target {
        name: "changes",
        make: |m: &mut Mutator| m.change_text(seeds::CHANGES, &WORDS).into_bytes(),
        run: |bytes| {
            drop(Changes::parse(
                &"hello_1.0-2_amd64.changes".parse().unwrap(),
                bytes,
            ));
        },
    };
}

pub mod index {
    use super::{Mutator, Target, seeds};
    use packyard_formats::repository::{apt, yum};

    /// The indexes of other repositories.
    pub const TARGET: Target = Target {
        name: "index",
        make: |m: &mut Mutator| {
            let seeds = [seeds::PRIMARY, seeds::REPOMD, seeds::RELEASE, seeds::PACKAGES];
            let words = [
                "<",
                "/>",
                "&lt;",
                "&#0;",
                "\"",
                "<!DOCTYPE x [",
                "<![CDATA[",
                "]]>",
                "\n\n",
                "../",
                "%2e%2e/",
            ];
            let text = *m.pick(&seeds);
            m.change_text(text, &words).into_bytes()
        },
        run: |bytes| {
            drop(apt::packages(bytes));
            drop(yum::primary_of(bytes));
            drop(yum::packages(bytes));
        },
    };
}

pub mod simple_page {
    use super::{Mutator, Target, seeds};
    use packyard_formats::repository::{devpi, simple, upstream};

    pub const TARGET: Target = Target {
        name: "simple_page",
        make: |m: &mut Mutator| {
            let words = [
                "<a ",
                "href=",
                "'",
                "\"",
                "&amp;",
                "&#x110000;",
                "%2f",
                "../",
                "javascript:",
                "{",
                "[",
                "null",
                "\\u0000",
            ];
            let text = *m.pick(&[seeds::HTML, seeds::JSON]);
            m.change_text(text, &words).into_bytes()
        },
        run: |bytes| {
            drop(simple::page("simple/hello-world/", bytes));
            drop(devpi::stages(bytes));
            let project = "hello-world".parse().unwrap();
            drop(upstream::read(
                &project,
                "https://example.org/simple/hello-world/",
                bytes,
            ));
        },
    };
}

pub mod document {
    use super::{Mutator, Target};
    use packyard_formats::documents;
    use packyard_types::{DocumentKind, DocumentName};
    use packyard_views::yum;

    const UPDATEINFO: &str = "<?xml version=\"1.0\"?>\n<updates><update type=\"security\"><id>A-1</id><title>x</title>\
        <pkglist><collection><package name=\"a\" version=\"1\" release=\"1\" epoch=\"0\" arch=\"noarch\"/></collection>\
        </pkglist></update><update type=\"bugfix\"><id>A-2</id></update></updates>";

    pub const TARGET: Target = Target {
        name: "document",
        make: |m: &mut Mutator| {
            let words = [
                "<update",
                "</update>",
                "<id>",
                "</id>",
                "<!--",
                "-->",
                "<![CDATA[",
                "]]>",
                "<!DOCTYPE a [",
                "&amp;",
                "&#0;",
                "'",
            ];
            m.change_text(UPDATEINFO, &words).into_bytes()
        },
        run: |bytes| {
            let name = DocumentName::parse("updateinfo.xml").unwrap();
            let Ok(there) = documents::check(&DocumentKind::updateinfo(), &name, bytes) else {
                return;
            };
            // What is found without reading XML is what is there, or the document is refused for the difference.
            let text = std::str::from_utf8(bytes).unwrap();
            let found = yum::updates(text);
            let expected = there.iter().map(|u| (u.id.as_str(), &text[u.bytes.clone()]));
            if found.iter().map(|(id, update)| (id.trim(), *update)).eq(expected) {
                for (id, update) in found {
                    let alone = format!("<updates>{update}</updates>");
                    let again =
                        documents::check(&DocumentKind::updateinfo(), &name, alone.as_bytes()).unwrap();
                    assert_eq!(again[0].id, id.trim(), "{update}");
                }
            }
        },
    };
}
