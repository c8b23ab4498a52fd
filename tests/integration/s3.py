"""A real S3-compatible server on loopback, for as long as the tests want it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

KEY, SECRET = "tests", "no-secret-at-all"
BUCKET = "firm"
_SERVER = Path(sys.executable).parent / "weed"
_STARTS_IN_S = 60
_PORTS = (
    *("master.port", "master.port.grpc", "volume.port", "volume.port.grpc"),
    *("filer.port", "filer.port.grpc", "s3.port", "s3.port.grpc"),
)
_NOT_WANTED = ("s3.port.iceberg=0", "s3.port.lance=0", "master.telemetry=false")


class NotUpError(Exception):
    """The server did not start in the time it had."""


@contextmanager
def server(folder: Path) -> Iterator[dict[str, str]]:
    """Run the server on free ports; give the environment in which it is found."""
    identity = {
        "name": KEY,
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List"],
    }
    (folder / "identities.json").write_text(json.dumps({"identities": [identity]}))
    ports = dict(zip(_PORTS, _free(len(_PORTS)), strict=True))
    options = [
        *(f"{name}={port}" for name, port in ports.items()), *_NOT_WANTED,
        *(f"{name}.localSocket={folder / name}" for name in ("s3", "filer")),
        f"dir={folder}", "ip=127.0.0.1", "ip.bind=127.0.0.1", "volume.max=8", "filer", "s3",
        f"s3.config={folder / 'identities.json'}",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        command = [str(_SERVER), "server", *(f"-{option}" for option in options)]
        running = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)  # noqa: S603 - ours
    endpoint = f"http://127.0.0.1:{ports['s3.port']}"
    try:
        _wait(running, endpoint, folder / "log")
        yield {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    finally:
        running.kill()  # it takes minutes to end politely, and has nothing to save
        running.wait(timeout=30)


def _free(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(closing(socket.socket())) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _wait(running: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    """Wait until it stores a file: that it answers is not enough."""
    from obstore.store import S3Store  # noqa: PLC0415 - only these tests need it

    end = time.monotonic() + _STARTS_IN_S
    while running.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(endpoint, timeout=1):  # noqa: S310 - our own server
                pass
        except urllib.error.HTTPError:
            break  # it answers, and wants to know who asks
        except OSError:
            time.sleep(0.1)
    store = S3Store(
        BUCKET, endpoint=endpoint, access_key_id=KEY, secret_access_key=SECRET,
        client_options={"allow_http": True}, retry_config={"max_retries": 0},
    )  # fmt: skip
    while running.poll() is None and time.monotonic() < end:
        try:
            store.put("up", b"")
        except Exception:  # noqa: BLE001 - not yet
            time.sleep(0.2)
        else:
            return
    raise NotUpError(log.read_text(errors="replace")[-2000:])
