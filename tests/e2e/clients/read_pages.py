"""Reads an index strictly and prints what it understood as JSON: read_pages.py URL PROJECT DIRECTORY.

Anything that pypi-simple only warns of is an error here. Every file and every metadata file is fetched and held against
the digests that the page gives.
"""

import dataclasses
import hashlib
import json
import sys
import warnings
from pathlib import Path

from pypi_simple import ACCEPT_HTML_ONLY, ACCEPT_JSON_ONLY, PyPISimple

warnings.simplefilter("error")
# The reader's own fields that it is about to give up.
warnings.filterwarnings("ignore", category=DeprecationWarning)


def package(client: PyPISimple, found, directory: Path) -> dict:
    path = directory / found.filename
    client.download_package(found, path, verify=True)
    said = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    said["upload_time"] = said["upload_time"] and said["upload_time"].isoformat()
    said["fetched_size"] = path.stat().st_size
    said["fetched_sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    if found.has_metadata:
        said["fetched_metadata"] = client.get_package_metadata_bytes(found, verify=True).decode()
    return said


def pages(url: str, project: str, accept: str, directory: Path) -> dict:
    with PyPISimple(url, accept=accept) as client:
        index, page = client.get_index_page(), client.get_project_page(project)
        return {
            "projects": index.projects,
            "index_version": index.repository_version,
            "project": page.project,
            "version": page.repository_version,
            "versions": page.versions,
            "serial": page.last_serial,
            "status": page.status and str(page.status),
            "reason": page.status_reason,
            "packages": [package(client, each, directory) for each in page.packages],
        }


if __name__ == "__main__":
    url, project, directory = sys.argv[1:]
    formats = {"json": ACCEPT_JSON_ONLY, "html": ACCEPT_HTML_ONLY}
    print(json.dumps({name: pages(url, project, accept, Path(directory)) for name, accept in formats.items()}))
