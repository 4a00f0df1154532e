"""Merges the changes of BUILD_REQUEST, base first, into what is checked out.

Exits with 1 if one of them does not apply, and with 75 if it could not be fetched or merged, which may be no fault of the changes.

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
    # Of a branch that was pushed by force, the commit may not be there any more.
    if (git("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--", "origin", ref)
            or git("cat-file", "-e", match[2] + "^{commit}")):
        fail(75, f"{side}: {ref} at {match[2]} could not be fetched")
    if git("merge-base", "HEAD", match[2]) == 1:
        fail(1, f"{side}: {ref} at {match[2]} has no history in common with what it is to be merged into")
    if git("merge", "--quiet", "--no-edit", match[2]):
        # A merge that cannot write exits with 1 as well: what tells is whether a path is in conflict.
        if git("diff", "--quiet", "--diff-filter=U") == 1:
            fail(1, f"{side}: {ref} at {match[2]} does not apply")
        fail(75, f"{side}: {ref} at {match[2]} could not be merged")


def fail(code, text):
    print(text, file=sys.stderr)
    sys.exit(code)


request = checked(json.loads(os.environ["BUILD_REQUEST"], object_pairs_hook=members), dict, "the request")
if request.get("base") is None:
    request["base"] = []
for side in ("base", "head"):
    for change in checked(request.get(side), list, side):
        uris = checked(checked(change, dict, "a change").get("uris"), list, "uris")
        for uri in uris or [None]:
            apply(side, checked(uri, str, "a URI"))
