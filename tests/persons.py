"""Persons for tests: registered in a home, each with a private key of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from routewarden.base.canonical import sha256
from routewarden.store.approvals import approve_policy, propose
from routewarden.store.home import opened
from routewarden.store.persons import add_person, make_person_key


def registered(home: Path, name: str) -> Path:
    """Register a person; return the file of their private key, beside the home."""
    folder = home.parent / f"{home.name} keys"
    folder.mkdir(exist_ok=True)
    file = name.lower().replace(" ", "-")
    key = make_person_key(folder, file)
    with opened(home) as firm:
        add_person(firm, name, key)
    return folder / f"{file}.pem"


def approved(home: Path, texts: Mapping[str, str], name: str = "C. Co") -> None:
    """Put policy files in force as two persons do; those of a home made anew."""
    key = registered(home, name)
    with opened(home) as firm:
        for file, text in texts.items():
            propose(firm, file, text.encode(), "for a test")
            approve_policy(firm, sha256(text.encode()), key)
