"""A broker-dealer's own, independent oversight of a smart order router that somebody else runs."""

from __future__ import annotations

__version__ = "0.1.0"
