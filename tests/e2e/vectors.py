"""What `packaging` says of thousands of generated texts: versions and their order, specifiers, requirements, names,
metadata. The test compares it with what packyard says; the seed is fixed, so that a failure can be repeated."""

import itertools
import json
import random
import sys

from packaging.metadata import Metadata
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

chance = random.Random(440)


def pick(*values):
    return chance.choice(values)


def version():
    text = pick("", "", "", "v", "1!", "0!", "V")
    text += ".".join(str(chance.choice([0, 0, 1, 2, 10, 2024])) for _ in range(chance.randint(1, 4)))
    sep = lambda: pick("", "", ".", "-", "_")
    if chance.random() < 0.4:
        text += sep() + pick("a", "b", "rc", "alpha", "beta", "c", "pre", "preview", "RC") + sep() + pick("", "0", "1", "12")
    if chance.random() < 0.3:
        text += pick("-" + pick("0", "3"), sep() + pick("post", "rev", "r") + sep() + pick("", "0", "4"))
    if chance.random() < 0.3:
        text += sep() + "dev" + sep() + pick("", "0", "7")
    if chance.random() < 0.2:
        text += "+" + pick("local", "ubuntu.1", "1", "a-b_c", "abc.5", "0.1")
    return text


def damaged(text):
    """The same text, or with a character gone, doubled or replaced."""
    if not text or chance.random() < 0.6:
        return text
    at = chance.randrange(len(text))
    return text[:at] + pick("", text[at] * 2, *"!+-_.* a1'\"()[],;<>=~@/") + text[at + 1 :]


def clause():
    return pick("==", "!=", ">=", "<=", ">", "<", "~=", "===") + pick("", " ") + version() + pick("", "", "", ".*")


def specifiers():
    return pick(",", ", ", " , ").join(clause() for _ in range(chance.randint(1, 3))) + pick("", "", "", ",")


def name():
    return "".join(pick(*"abcXYZ019", "-", "_", ".", "--", "._") for _ in range(chance.randint(1, 8)))


def value():
    return pick("'3.8'", '"linux"', "''", "python_version", "os_name", "sys_platform", "extra", "platform_machine",
                "implementation_name", "os.name", "python_implementation", "nonsense", "'in'")


def marker(depth=0):
    if depth < 3 and chance.random() < 0.3:
        return pick("(", "( ") + marker(depth + 1) + pick(")", " )")
    one = value() + pick(" ", "  ") + pick("==", "!=", ">=", "<", "in", "not in", "not  in", "~=") + " " + value()
    if chance.random() < 0.3:
        return one + pick(" and ", " or ", " AND ", "and ") + marker(depth + 1)
    return one


def requirement():
    text = pick("", "", " ") + name() + pick("", "", "[a]", "[a,b]", "[ a , b-c ]", "[]", "[a b]", "[,]")
    text += pick("", " ") + pick("", specifiers(), "(" + specifiers() + ")", "@ https://example.org/x.whl", "@x ")
    return text + pick("", "", pick("", " ") + ";" + pick("", " ") + marker())


def metadata():
    lines = ["Metadata-Version: " + pick("1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "3.0")]
    lines += ["Name: " + damaged("hello-world").strip(), "Version: " + damaged("1.0rc1")]
    fields = [
        "Summary: says hello",
        "Requires-Dist: " + requirement(),
        "Requires-Python: " + damaged(">=3.8,!=3.9.*"),
        "Provides-Extra: " + damaged("fast-extra"),
        "License-Expression: " + pick("MIT", "MIT OR Apache-2.0", "Nonsense", "MIT AND", "LicenseRef-Own", "(MIT)", "mit", "GPL-2.0-only WITH Classpath-exception-2.0"),
        "License-File: " + pick("LICENSE", "../LICENSE", "/LICENSE", "doc/*", "a\\b", "C:/x"),
        "Description-Content-Type: " + pick("text/markdown", "text/x-rst; charset=UTF-8", "text/html",
                                            "text/markdown; variant=GFM", "text/markdown; variant=x", "text/plain; charset=latin-1"),
        "Dynamic: " + pick("Requires-Dist", "license-file", "version", "nonsense", "Summary"),
        "Import-Name: " + pick("hello.world", "hello ; private", "1x", "class", "hello; public"),
        "Import-Namespace: " + pick("hello", "hello-world"),
        "Classifier: Private :: Do Not Upload",
        "Project-URL: Home, https://example.org/",
    ]
    lines += [field for field in fields if chance.random() < 0.25]
    return "\n".join(lines) + "\n\nHello.\n"


def valid(make, text, wrong):
    try:
        return make(text)
    except wrong:
        return None


def metadata_is_valid(text):
    try:
        Metadata.from_email(text.encode(), validate=True)
        return True
    except Exception:
        return False


versions = sorted({damaged(version()) for _ in range(6000)} | {"", " 1.0 ", "1.0\n", "one", "1..0", "1.0.post", "1.0+"})
parsed = {text: valid(Version, text, InvalidVersion) for text in versions}
good = sorted({str(v) for v in parsed.values() if v is not None})
chance.shuffle(good)
json.dump(
    {
        "versions": [[text, parsed[text] and str(parsed[text])] for text in versions],
        "order": [
            [a, b, (Version(a) > Version(b)) - (Version(a) < Version(b))]
            for a, b in itertools.islice(itertools.combinations(good[:150], 2), 10000)
        ],
        "specifiers": [
            [text, valid(SpecifierSet, text, InvalidSpecifier) is not None]
            for text in sorted({damaged(specifiers()) for _ in range(4000)})
        ],
        "requirements": [
            [text, valid(Requirement, text, InvalidRequirement) is not None]
            for text in sorted({damaged(requirement()) for _ in range(8000)})
        ],
        "names": [
            [text, valid(lambda n: canonicalize_name(n, validate=True), text, InvalidName)]
            for text in sorted({damaged(name()) for _ in range(3000)})
        ],
        "metadata": [[text, metadata_is_valid(text)] for text in sorted({metadata() for _ in range(4000)})],
    },
    sys.stdout,
)
