//! Broken wheels and sdists: what our rule is called, who else sees it (`twine`, `check-wheel-contents CODE`, or
//! nobody), and the Python that breaks it.
//!
//! The Python is run with `files`, a dictionary from names to bytes of a good wheel or sdist, and `name`, the file's own;
//! `info` is the path of its .dist-info or its top directory, and `meta` replaces a text in its metadata.

#[rustfmt::skip]
pub const WHEELS: &[(&str, &str, &str)] = &[
    ("digest-mismatch", "", "files['hello_world/main.py'] += b'#'; record = False"),
    ("filename-not-normalised", "", "name = name.replace('hello_world', 'Hello.World')"),
    ("dist-info-not-normalised", "", "rename('hello_world-1.1.3.dist-info', 'Hello_World-1.1.3.dist-info')"),
    ("dist-info-mismatch", "", "rename('hello_world-1.1.3.dist-info', 'hello_world-9.dist-info')"),
    ("metadata-field", "", "meta('Metadata-Version: 2.4', 'Metadata-Version: 2.1')"),
    ("requires-dist", "twine", "meta('\\nVersion:', '\\nRequires-Dist: ???\\nVersion:')"),
    ("requires-python", "twine", "meta('Requires-Python: ', 'Requires-Python: three')"),
    ("license-twice", "",
        "meta('\\nVersion:', '\\nClassifier: License :: OSI Approved :: MIT License\\nVersion:')"),
    ("license-expression", "twine", "meta('License-Expression: ', 'License-Expression: Free ')"),
    ("license-file-missing", "", "files = {k: v for k, v in files.items() if 'licenses/' not in k}"),
    ("classifier", "", "meta('\\nVersion:', '\\nClassifier: Nonsense :: Of :: Mine\\nVersion:')"),
    ("no-long-description", "twine", "cut()"),
    ("no-description-content-type", "twine",
        "meta('Description-Content-Type: text/markdown', 'Keywords: x')"),
    ("description-content-type", "twine", "meta('text/markdown', 'text/html')"),
    ("summary", "", "meta('Summary: ', 'Keywords: ')"),
    ("project-url", "", "meta('\\nVersion:', '\\nProject-URL: https://example.org\\nVersion:')"),
    ("provides-extra", "", "meta('\\nVersion:', '\\nRequires-Dist: six ; extra == \"all\"\\nVersion:')"),
    ("wheel-version", "", "wheel('Wheel-Version: 1.0', 'Wheel-Version: 2.0')"),
    ("wheel-tag", "", "wheel('Tag: py3-none-any', 'Tag: py2-none-any')"),
    ("wheel-root", "", "wheel('Root-Is-Purelib: true', 'Root-Is-Purelib: false')"),
    ("wheel-binary", "", "files['hello_world/fast.so'] = open('/usr/bin/true', 'rb').read()"),
    ("wheel-bytecode", "check-wheel-contents W001", "files['hello_world/main.pyc'] = b'x'"),
    ("wheel-duplicates", "check-wheel-contents W002",
        "files['hello_world/copy.py'] = files['hello_world/main.py']"),
    ("wheel-junk", "check-wheel-contents W003", "files['README.md'] = b'read me'"),
    ("wheel-junk", "check-wheel-contents W006", "files['__init__.py'] = b'x = 1'"),
    ("wheel-junk", "check-wheel-contents W010", "files['things/x.txt'] = b'x'"),
    ("wheel-toplevel", "check-wheel-contents W005", "files['tests/__init__.py'] = b'x = 1'"),
    ("wheel-empty", "check-wheel-contents W008",
        "files = {k: v for k, v in files.items() if '.dist-info/' in k}"),
    ("wheel-several-toplevels", "check-wheel-contents W009", "files['other/__init__.py'] = b'x = 1'"),
    ("wheel-module-name", "check-wheel-contents W004", "files['hello_world/not-a-name.py'] = b'x = 1'"),
    ("entry-point", "",
        "files[info + '/entry_points.txt'] = b'[console_scripts]\\nx = hello_world.nothing:main\\n'"),
    ("wheel-mode", "", "modes['hello_world/main.py'] = 0o600"),
];

#[rustfmt::skip]
pub const SDISTS: &[(&str, &str, &str)] = &[
    ("sdist-top", "", "rename(info, 'hello-world-1.1.3')"),
    ("sdist-unbuildable", "", "del files[info + '/pyproject.toml']"),
    ("sdist-pyproject", "", "del files[info + '/pyproject.toml']; files[info + '/setup.py'] = b'x = 1'"),
    ("sdist-junk", "", "files[info + '/src/__pycache__/x.cpython-311.pyc'] = b'x'"),
    ("filename-not-normalised", "", "name = name.replace('hello_world', 'hello-world')"),
    ("requires-python", "twine", "meta('Requires-Python: ', 'Requires-Python: three')"),
];

/// Breaks one package: arguments are the good file, the directory for the broken one, and the Python that breaks it.
pub const MAKE: &str = r"
import base64, hashlib, io, os, sys, tarfile, zipfile
good, out, how = sys.argv[1:]
name, modes, record = os.path.basename(good), {}, True
is_wheel = name.endswith('.whl')
if is_wheel:
    with zipfile.ZipFile(good) as z:
        files = {n: z.read(n) for n in z.namelist()}
    info = next(n for n in files if n.endswith('/METADATA')).rsplit('/', 1)[0]
else:
    with tarfile.open(good) as t:
        files = {m.name: t.extractfile(m).read() for m in t if m.isfile()}
    info = name.removesuffix('.tar.gz')
path = info + ('/METADATA' if is_wheel else '/PKG-INFO')

def change(path, old, new):
    assert old.encode() in files[path], (old, files[path])
    files[path] = files[path].replace(old.encode(), new.encode(), 1)
def meta(old, new): change(path, old, new)
def wheel(old, new): change(info + '/WHEEL', old, new)
def cut(): files[path] = files[path].split(b'\n\n')[0] + b'\n'
def rename(old, new):
    global files, info
    files = {k.replace(old, new, 1): v for k, v in files.items()}
    info = info.replace(old, new, 1)

exec(how)
os.makedirs(out, exist_ok=True)
if is_wheel:
    if record:
        lines = []
        for n, data in files.items():
            if not n.endswith('/RECORD'):
                digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()
                lines.append(f'{n},sha256={digest},{len(data)}\n')
        files[info + '/RECORD'] = (''.join(lines) + info + '/RECORD,,\n').encode()
    with zipfile.ZipFile(os.path.join(out, name), 'w') as z:
        for n, data in files.items():
            entry = zipfile.ZipInfo(n)
            entry.external_attr = (0o100000 | modes.get(n, 0o644)) << 16
            z.writestr(entry, data)
else:
    with tarfile.open(os.path.join(out, name), 'w:gz') as t:
        for n, data in files.items():
            entry = tarfile.TarInfo(n)
            entry.size = len(data)
            t.addfile(entry, io.BytesIO(data))
";
