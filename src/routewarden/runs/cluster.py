"""Partitions worked on by Ray: on a firm's cluster, or on workers started here for the occasion.

What crosses the network is the name of a function, a partition, and what comes of it; records are
read from the depot and results written to it. So the product has to be installed on the workers,
line by line the same: one that differs refuses, since it might measure otherwise.
"""

from __future__ import annotations

import logging
import os
import pickle
import secrets
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from types import ModuleType
from typing import Any

from routewarden.base.errors import RoutewardenError
from routewarden.runs.code import code_digest
from routewarden.runs.engine import Done, Engine, Part, Result, Threads

HERE = "local"
"""The address of a cluster of this machine alone, which lasts as long as it is used."""

_ASKED_AT_ONCE = 1000  # partitions a cluster is asked for at a time, unless told how many
_WAITED_S = 10
_HERE: dict[str, Any] = {
    "include_dashboard": False,
    "object_store_memory": 80_000_000,  # for what travels: partitions and facts, never records
    "_node_ip_address": "127.0.0.1",
}


class NoEngineError(RoutewardenError):
    """Ray is asked for, and is not installed."""

    def __init__(self) -> None:
        super().__init__("--engine ray needs one package more: pip install 'routewarden[ray]'.")


class NoClusterError(RoutewardenError):
    """There is no cluster at the address."""

    def __init__(self, address: str, error: Exception) -> None:
        reason = str(error).strip().partition("\n")[0]
        super().__init__(f"{address}: no Ray cluster answers there ({reason}).")


class OtherCodeError(RoutewardenError):
    """A worker has another version of the product."""

    def __init__(self) -> None:
        super().__init__(
            "the worker's Routewarden is not the one that asks: install the same version, with the "
            "same Python, on every machine of the cluster."
        )


class WorkerError(RoutewardenError):
    """What a worker raised that cannot be sent, or that no worker lived to send."""


class EngineName(StrEnum):
    """Where a run's work is done."""

    LOCAL = "local"
    RAY = "ray"


def engine_named(name: EngineName, address: str | None, workers: int | None) -> Engine:
    """Return an engine: threads of this machine, or Ray at an address."""
    match name:
        case EngineName.LOCAL:
            return Threads() if workers is None else Threads(workers)
        case EngineName.RAY:
            return OnRay(address or HERE, workers)


@dataclass(frozen=True, slots=True)
class OnRay:
    """Ray at an address, so many partitions at a time; a partition has one processor.

    A partition whose worker is lost is worked on again, `again` times at most.
    """

    address: str = HERE
    workers: int | None = None
    again: int = 3

    def map(
        self, work: Callable[[Part], Result], parts: Sequence[Part]
    ) -> Iterator[Done[Part, Result]]:
        """Yield each partition once, in the order they are done."""
        with self.connected() as ray:
            tried = ray.remote(num_cpus=1, max_retries=self.again)(_tried)
            running: dict[Any, Part] = {}
            waiting = iter(parts)
            try:
                while True:
                    free = (self.workers or _ASKED_AT_ONCE) - len(running)
                    for part in islice(waiting, free):
                        running[tried.remote(code_digest(), work, part)] = part
                    if not running:
                        return
                    (ready, *_), _ = ray.wait(list(running))
                    yield _done(ray, running.pop(ready), ready)
            finally:
                for left in running:  # an interrupted run leaves nothing running
                    ray.cancel(left, force=True)

    @contextmanager
    def connected(self) -> Iterator[ModuleType]:
        """Give Ray, connected; whoever maps more than once holds on to it meanwhile."""
        _knock(self.address)
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        alone = self.address == HERE
        if alone:  # its ports are open to the network: nobody else has the word
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
            os.environ["RAY_AUTH_MODE"] = "token"
        try:
            import ray  # noqa: PLC0415 - only a firm with a cluster has it
        except ImportError as error:
            raise NoEngineError from error
        if ray.is_initialized():
            yield ray
            return
        ray._private.worker._worker_logs_enabled = False  # noqa: SLF001 - standard output is ours
        here = {**_HERE, "num_cpus": self.workers} if alone else {}
        try:
            ray.init(
                self.address,
                logging_level=logging.ERROR,
                log_to_driver=False,
                runtime_env={"env_vars": {"POLARS_MAX_THREADS": "1"}},
                **here,
            )
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            raise NoClusterError(self.address, error) from error
        try:
            yield ray
        finally:
            ray.shutdown()


def _knock(address: str) -> None:
    """Fail at once where nothing listens at all: Ray itself would try for minutes."""
    _, _, place = address.rpartition("://")
    host, _, port = place.rpartition(":")
    if port.isdecimal():
        try:
            socket.create_connection((host, int(port)), _WAITED_S).close()
        except OSError as error:
            raise NoClusterError(address, error) from error


def _tried(
    code: str, work: Callable[[Part], Result], part: Part
) -> tuple[Result | None, Exception | None]:
    """Work on a partition, on a worker; what it raises is its result."""
    try:
        if code != code_digest():
            raise OtherCodeError  # noqa: TRY301 - a result like any other
        return work(part), None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this partition's
        return None, _sendable(error)


def _sendable(error: Exception) -> Exception:
    """Return an exception, or what it says where it does not survive being sent."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own, just made
    except Exception:  # noqa: BLE001 - its own class decides what that is
        return WorkerError(f"{type(error).__name__}: {error}")
    return error


def _done(ray: ModuleType, part: Part, ready: Any) -> Done[Part, Any]:  # noqa: ANN401 - Ray's
    """Return what came of a partition."""
    try:
        result, failure = ray.get(ready)
    except ray.exceptions.RayError as error:
        reason = str(error).strip().partition("\n")[0]
        return Done(part, None, WorkerError(f"{type(error).__name__}: {reason}"))
    return Done(part, result, failure)
