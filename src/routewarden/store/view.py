"""A home as it was, made anew in another folder from evidence alone: log, raw bytes, settings.

Nothing that can be made again is taken over, so whatever comes of it comes from the evidence. It
has a key of its own, which signs for nobody; its witnesses and its storage elsewhere are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from routewarden.base.canonical import Digest
from routewarden.policy.witnesses import WITNESSES
from routewarden.store.blobs import Blobs
from routewarden.store.database import open_log
from routewarden.store.embedded import Embedded
from routewarden.store.home import DATABASE, Home, make_home
from routewarden.store.segments import segments
from routewarden.store.settings import is_shipped
from routewarden.store.signing import Keys
from routewarden.store.storage import STORAGE


def make_view(home: Home, size: int, settings: Mapping[str, str], folder: Path) -> None:
    """Make a home as another was at a size of its log, with settings by name and digest."""
    known = segments(home)
    make_home(folder)
    for path in (folder / "policy").rglob("*.toml"):
        path.unlink()
    for name, digest in settings.items():
        elsewhere = name in {WITNESSES, STORAGE} and not is_shipped(name, Digest(digest))
        if not elsewhere and (data := _bytes(home, digest)):
            path = folder / "policy" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    named = ((each.digest, each.profile, each.refused) for each in known)
    held = {digest for digests in named for digest in digests if digest}
    beside = Blobs(folder / "evidence" / "cas")
    for digest in held:
        beside.path(digest).parent.mkdir(parents=True, exist_ok=True)
        beside.path(digest).symlink_to(home.blobs.path(digest).absolute())
    newest = home.published.newest()
    Keys(folder / "keys").make("" if newest is None else newest[0].origin)
    with open_log(Embedded(folder / DATABASE)) as log:
        log.adopt(home.log.entries()[:size])


def _bytes(home: Home, digest: str) -> bytes:
    return home.blobs.path(Digest(digest)).read_bytes()
