"""The root of every error a caller can act on."""

from __future__ import annotations


class RoutewardenError(Exception):
    """Something the caller can put right; its text says where, what, and what to do.

    Bad data is never an exception: it is a Reject (it could not be read) or a Finding (it was read
    and is wrong).
    """

    passes = False
    """Whether nothing was acknowledged and the same call may succeed later, with no one's help."""
