"""Profiles by name: the firm's own, then those that ship; or by the path of a file."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from routewarden.base.errors import RoutewardenError
from routewarden.base.schema import Kind

_ENDING = ".toml"


class NoProfileError(RoutewardenError):
    """There is no profile of that name."""

    def __init__(self, name: str, known: list[str]) -> None:
        what = "file" if name.endswith(_ENDING) else "profile"
        super().__init__(
            f"no {what} '{name}'. Known here: {', '.join(known)}. A path ending in .toml names a "
            "file; `routewarden profile try FILE` proposes one."
        )


class NotTextError(RoutewardenError):
    """A profile is not text in UTF-8."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: not text in UTF-8. A profile is TOML; save it as UTF-8.")


def profile_names(root: Path) -> list[str]:
    """Return the names of the home's own profiles and of those that ship."""
    return sorted({path.stem for folder in _folders(root) for path in folder.glob(f"*{_ENDING}")})


def profile_text(root: Path, name: str, kind: Kind | None = None) -> str:
    """Return the text of a profile: a file's, if the name is a path; the firm's own before ours.

    A vendor whose files of a kind are cut in another way has a profile of its name and the kind,
    such as `taq-2014-trades`, which stands before that of the name alone.

    Raises:
        NoProfileError: There is none.
        NotTextError: It is not UTF-8.
    """
    if name.endswith(_ENDING) and Path(name).is_file():
        return _text(Path(name))
    names = (name,) if kind is None else (f"{name}-{kind}", name)
    for folder in _folders(root):
        for path in (folder / f"{each}{_ENDING}" for each in names):
            if path.parent == folder and path.is_file():
                return _text(path)
    raise NoProfileError(name, profile_names(root))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise NotTextError(path) from error


def _folders(root: Path) -> tuple[Path, Path]:
    shipped = Path(str(files("routewarden.sources") / "profiles"))
    return root / "policy" / "profiles", shipped
