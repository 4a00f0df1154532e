"""Merges the changes of BUILD_REQUEST, base first, into the checked-out branch.

Exits with 1 if a change does not apply, and with 75 if it could not be fetched or merged, which may not be the fault of the changes.

A change is git://host/repository/ref/commit. Changes come from strangers: no shell reads them, and git never reads them as options.
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
        sys.exit("BUILD_REQUEST has a duplicate member")
    return dict(pairs)


def checked(value, kind, name):
    if not isinstance(value, kind):
        sys.exit(f"BUILD_REQUEST: {name} is missing or has the wrong type")
    return value


def apply(side, uri):
    match = re.fullmatch(r"git://[^/]+/.+/(refs%2F[^/]+)/([0-9a-fA-F]{40}|[0-9a-fA-F]{64})", uri)
    ref = unquote(match[1]) if match else ""
    # Otherwise a ref such as refs/heads/a:refs/heads/b would write a ref here.
    if git("check-ref-format", ref):
        sys.exit(f"{side}: cannot apply {uri!r}")
    # The checked-out .gitmodules is a stranger's too; without the option, a bad one fails every fetch.
    # After a force push, the commit may be gone.
    if (git("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--", "origin", ref)
            or git("cat-file", "-e", match[2] + "^{commit}")):
        fail(75, f"{side}: {ref} at {match[2]} could not be fetched")
    if git("merge-base", "HEAD", match[2]) == 1:
        fail(1, f"{side}: {ref} at {match[2]} shares no history with the branch")
    if git("merge", "--quiet", "--no-edit", match[2]):
        # A merge that cannot write exits with 1 as well, so look for a path in conflict.
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
