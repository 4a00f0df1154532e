"""Merges the changes of BUILD_REQUEST, base first, into what is checked out.

Exits with 1 if one of them does not apply, and with 75 if it could not be fetched, which may be no fault of the changes.

Changes are written git://host/repository/ref/commit. They come from strangers: none is read by a shell, or by git as an option.
"""
import json
import os
import re
import subprocess
import sys
from urllib.parse import unquote


def git(*arguments):
    return subprocess.run(["git", "-c", "user.name=build", "-c", "user.email=build@localhost", *arguments], check=False).returncode


def members(pairs):
    if len(dict(pairs)) < len(pairs):
        sys.exit("BUILD_REQUEST has a member twice")
    return dict(pairs)


def checked(value, kind, name):
    if not isinstance(value, kind):
        sys.exit(f"BUILD_REQUEST: {name} is not as it should be")
    return value


def apply(side, uri):
    match = re.fullmatch(r"git://[^/]+/.+/(refs%2F[^/]+)/([0-9a-fA-F]{40}|[0-9a-fA-F]{64})", uri)
    ref = unquote(match[1]) if match else ""
    # Without this a ref such as refs/heads/a:refs/heads/b would write one here.
    if git("check-ref-format", ref):
        sys.exit(f"{side}: cannot apply {uri!r}")
    # The .gitmodules that is checked out is a stranger's too; without the option a bad one fails every fetch.
    if git("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--", "origin", ref):
        print(f"{side}: {ref} could not be fetched", file=sys.stderr)
        sys.exit(75)
    if git("merge", "--quiet", "--no-edit", match[2]):
        sys.exit(f"{side}: {ref} at {match[2]} does not apply")


request = checked(json.loads(os.environ["BUILD_REQUEST"], object_pairs_hook=members), dict, "the request")
if request.get("base") is None:
    request["base"] = []
for side in ("base", "head"):
    for change in checked(request.get(side), list, side):
        uris = checked(checked(change, dict, "a change").get("uris"), list, "uris")
        for uri in uris or [None]:
            apply(side, checked(uri, str, "a URI"))
