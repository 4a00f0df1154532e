"""Merges the changes of BUILD_REQUEST, base first, into what is checked out. Changes are written git://host/repository/ref/commit."""
import json
import os
import re
import subprocess
import sys
from urllib.parse import unquote


def git(*arguments):
    return subprocess.run(["git", "-c", "user.name=buildbot", "-c", "user.email=buildbot@localhost", *arguments], check=False).returncode


request = json.loads(os.environ["BUILD_REQUEST"])
for side in ("base", "head"):
    for change in request[side]:
        for uri in change["uris"]:
            match = re.fullmatch(r"git://[^/]+/.+/(refs%2F[^/]+)/([0-9a-f]{40}|[0-9a-f]{64})", uri)
            if not match:
                sys.exit(f"cannot apply {uri!r}")
            ref, commit = unquote(match[1]), match[2]
            if git("fetch", "--quiet", "origin", "--", ref) or git("merge", "--quiet", "--no-edit", commit):
                sys.exit(f"{side}: {ref} at {commit} does not apply")
