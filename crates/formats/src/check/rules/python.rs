//! Rules about wheels and sdists: core metadata, RECORD, and what is put into site-packages.

use super::{PYTHON, Rule, SDIST, WHEEL};
use crate::check::Severity;

rules! {
    SPELLING = Warning PYTHON "filename-not-normalised" {
        "The file's name does not spell the project as the specification says",
        "Tools find the project and the version by splitting the name; with another spelling some find something else.",
        "rename it: lower case, `_` between words, the version normalised",
        "PEP 427; PEP 625; Binary distribution format",
        [],
    }
    DIST_INFO_SPELLING = Warning WHEEL "dist-info-not-normalised" {
        "The .dist-info directory does not spell the project as the specification says",
        "pip takes several spellings, other installers only the normalised one.",
        "build it with a current backend",
        "Recording installed projects",
        [],
    }
    DIST_INFO_MISMATCH = Error WHEEL "dist-info-mismatch" {
        "The .dist-info directory names another project or version than METADATA",
        "pip refuses the wheel.",
        "build it again in a clean directory",
        "Binary distribution format",
        [],
    }
    METADATA_FIELD = Error PYTHON "metadata-field" {
        "The metadata has a field that its Metadata-Version does not know",
        "Indexes refuse the upload: License-Expression needs 2.4, Dynamic 2.2, Description-Content-Type 2.1.",
        "raise Metadata-Version, or build with a current backend",
        "Core metadata specification",
        ["twine:InvalidDistribution"],
    }
    REQUIRES_DIST = Error PYTHON "requires-dist" {
        "A requirement is not well-formed",
        "pip refuses to install the project.",
        "write it as PEP 508 says",
        "PEP 508",
        ["twine:InvalidDistribution"],
    }
    REQUIRES_PYTHON = Error PYTHON "requires-python" {
        "Requires-Python is no version specifier",
        "pip ignores or refuses the file, and installs an older one instead.",
        "write it as PEP 440 says, such as `>=3.9`",
        "PEP 440",
        ["twine:InvalidDistribution"],
    }
    LICENSE_TWICE = Error PYTHON "license-twice" {
        "The metadata has both License-Expression and License, or licence classifiers",
        "Two statements can contradict each other; indexes refuse such uploads.",
        "keep License-Expression",
        "PEP 639",
        ["twine:InvalidDistribution"],
    }
    LICENSE_EXPRESSION = Error PYTHON "license-expression" {
        "License-Expression is no SPDX expression",
        "Indexes refuse the upload.",
        "write SPDX identifiers with AND, OR and WITH, such as `MIT OR Apache-2.0`",
        "PEP 639; SPDX specification, annex D",
        ["twine:InvalidDistribution"],
    }
    LICENSE_FILE = Error PYTHON "license-file-missing" {
        "License-File names a file that is not there",
        "The licence must come with the copy; indexes refuse the upload.",
        "include the file",
        "PEP 639",
        [],
    }
    CLASSIFIER = Info PYTHON "classifier" {
        "A classifier begins as none that indexes know",
        "Indexes refuse classifiers that they do not know, `Private ::` on purpose.",
        "take it from the list of classifiers",
        "Core metadata specification, Classifier",
        [],
    }
    NO_DESCRIPTION = Warning PYTHON "no-long-description" {
        "The project has no long description",
        "The project's page is empty.",
        "name a README in the project's metadata",
        "Core metadata specification, Description",
        ["twine:long_description missing"],
    }
    NO_CONTENT_TYPE = Warning PYTHON "no-description-content-type" {
        "The metadata does not say how the description is written",
        "Indexes take it for reStructuredText, in which Markdown looks broken.",
        "set Description-Content-Type: text/markdown, text/x-rst or text/plain",
        "Core metadata specification, Description-Content-Type",
        ["twine:long_description_content_type missing"],
    }
    CONTENT_TYPE = Error PYTHON "description-content-type" {
        "The description's content type is none that indexes render",
        "Indexes refuse the upload.",
        "set Description-Content-Type: text/markdown, text/x-rst or text/plain, its charset UTF-8",
        "Core metadata specification, Description-Content-Type",
        ["twine:InvalidDistribution"],
    }
    SUMMARY = Warning PYTHON "summary" {
        "The summary is missing, longer than 512 characters or of several lines",
        "Indexes and searches show it in one line.",
        "set a summary of one line, at most 512 characters",
        "Core metadata specification, Summary",
        ["twine:InvalidDistribution"],
    }
    PROJECT_URL = Error PYTHON "project-url" {
        "A Project-URL is no `Label, URL`",
        "Indexes refuse the upload.",
        "write a label of at most 32 characters, a comma and the URL",
        "Core metadata specification, Project-URL",
        ["twine:InvalidDistribution"],
    }
    EXTRA = Warning PYTHON "provides-extra" {
        "An extra is named that the metadata does not provide, or its name is not valid",
        "`pip install NAME[EXTRA]` then installs nothing of it, with a warning at most.",
        "add Provides-Extra, with letters, digits, `-`, `_` and `.`",
        "Core metadata specification, Provides-Extra; PEP 685",
        [],
    }
    WHEEL_VERSION = Error WHEEL "wheel-version" {
        "Wheel-Version is missing or not 1.x",
        "pip refuses other major versions.",
        "write `Wheel-Version: 1.0`",
        "Binary distribution format",
        [],
    }
    WHEEL_TAG = Error WHEEL "wheel-tag" {
        "The tags of WHEEL are not those of the file's name",
        "pip chooses by the file's name; what repacks or caches the wheel reads the tags inside.",
        "build it again, or rename the wheel",
        "Binary distribution format; PEP 425",
        [],
    }
    WHEEL_ROOT = Warning WHEEL "wheel-root" {
        "Root-Is-Purelib does not fit the wheel",
        "A wheel with compiled modules goes to platlib; in purelib a system with separate directories does not find them. \
            A missing field counts as false.",
        "write `Root-Is-Purelib: true` for tags `none-any` and false for all others",
        "Binary distribution format",
        [],
    }
    WHEEL_BINARY = Warning WHEEL "wheel-binary" {
        "A wheel for every platform has a compiled module",
        "pip installs it everywhere, and where the module is not for that platform importing fails.",
        "tag the wheel with its platform",
        "Binary distribution format; PEP 425",
        [],
    }
    BYTECODE = Warning WHEEL "wheel-bytecode" {
        "The wheel has byte code",
        "It fits one Python, and pip makes it anew.",
        "leave __pycache__ and *.pyc out of the wheel",
        "Binary distribution format",
        ["check-wheel-contents:W001"],
    }
    DUPLICATES = Warning WHEEL "wheel-duplicates" {
        "Files of the wheel are the same",
        "Mostly a build directory was packed together with the modules that it was made of.",
        "build in a clean directory",
        "check-wheel-contents",
        ["check-wheel-contents:W002"],
    }
    JUNK = Warning WHEEL "wheel-junk" {
        "The wheel puts what is no module into site-packages",
        "site-packages is shared by all projects: setup.py, README or a .git of one overwrite those of another.",
        "leave it out, or move it into the project's module",
        "Binary distribution format; check-wheel-contents",
        ["check-wheel-contents:W003", "check-wheel-contents:W004", "check-wheel-contents:W006", "check-wheel-contents:W010"],
    }
    TOPLEVEL = Warning WHEEL "wheel-toplevel" {
        "The wheel has a top-level module with a name that any project could use",
        "`tests`, `docs`, `examples` or `src` of one project overwrite those of another, and pip removes them with the \
            first one that is uninstalled.",
        "exclude it, or move it into the project's module",
        "check-wheel-contents",
        ["check-wheel-contents:W005"],
    }
    EMPTY_WHEEL = Warning WHEEL "wheel-empty" {
        "The wheel installs no module",
        "The backend did not find them; a project that has none on purpose is rare.",
        "tell the backend where the modules are",
        "check-wheel-contents",
        ["check-wheel-contents:W007", "check-wheel-contents:W008"],
    }
    SEVERAL = Info WHEEL "wheel-several-toplevels" {
        "The wheel installs modules under several names",
        "A project mostly has one module, called like itself; another one is often a test or a tool that slipped in.",
        "leave out what is not meant to be imported",
        "check-wheel-contents",
        ["check-wheel-contents:W009"],
    }
    MODULE_NAME = Warning WHEEL "wheel-module-name" {
        "A module has a name that Python cannot import",
        "`import` takes identifiers only.",
        "rename it",
        "check-wheel-contents",
        ["check-wheel-contents:W004"],
    }
    ENTRY_POINT = Error WHEEL "entry-point" {
        "An entry point is not well-formed, or names a module that the wheel does not have",
        "The program that pip makes of it fails at its start.",
        "write `name = package.module:function`",
        "Entry points specification",
        [],
    }
    MODE = Warning WHEEL "wheel-mode" {
        "A file of the wheel cannot be read by everybody",
        "pip keeps the mode: in a system-wide installation other users cannot import the module.",
        "build with umask 022",
        "Binary distribution format",
        [],
    }
    SDIST_TOP = Warning SDIST "sdist-top" {
        "The top-level directory is not called as the file is",
        "Tools that unpack an sdist look for NAME-VERSION.",
        "call it NAME-VERSION",
        "PEP 625",
        [],
    }
    SDIST_UNBUILDABLE = Error SDIST "sdist-unbuildable" {
        "The sdist has neither pyproject.toml nor setup.py",
        "pip cannot make a wheel of it.",
        "include pyproject.toml",
        "PEP 517; Source distribution format",
        [],
    }
    SDIST_PYPROJECT = Info SDIST "sdist-pyproject" {
        "The sdist has no pyproject.toml",
        "It does not say what builds it. pip takes setuptools, of whatever version is current.",
        "add a pyproject.toml with [build-system]",
        "PEP 518; Source distribution format",
        [],
    }
    SDIST_JUNK = Warning SDIST "sdist-junk" {
        "The sdist has what building or editing left behind",
        "Byte code, build directories and version control make it larger, and stale files find their way into wheels.",
        "exclude it in the backend's configuration",
        "Source distribution format",
        [],
    }
}
