"""How joblib reaches its workers: processes of this machine, or a cluster whose client is an extra to install."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

BACKENDS = ("loky", "dask", "ray")
ANSWER = 10
"""Seconds in which a scheduler answers and has a worker."""


@dataclass(frozen=True)
class Pool:
    """joblib's settings, what it raises when workers are lost, and how its tasks are given out.

    `ahead` is how many tasks wait for workers. In rounds of `round` tasks, 0 for a single one, results come at the
    end of the round; else as they are ready.
    """

    settings: dict[str, Any]
    lost: tuple[type[BaseException], ...]
    ahead: str = "2*n_jobs"
    round: int = 0


def pool(backend: str, jobs: int, scheduler: str | None) -> AbstractContextManager[Pool]:
    """The workers of one of `BACKENDS`, for as long as they are used.

    Raises ValueError where the backend is not installed, or nobody answers at the scheduler's address.
    """
    if backend == "dask":
        return _dask(scheduler)
    if backend == "ray":
        return _ray()
    return _loky(jobs)


@contextmanager
def _loky(jobs: int) -> Iterator[Pool]:
    yield Pool({"backend": "loky", "n_jobs": jobs}, (BrokenExecutor,))


@contextmanager
def _dask(scheduler: str | None) -> Iterator[Pool]:
    """Tasks of a worker that dies go to the others, a few times over, and workers that come later get their share.

    To a cluster of one core joblib gives nothing: this process then does the work.
    """
    try:
        from distributed import Client
        from distributed.client import FutureCancelledError
        from distributed.comm import get_address_host_port
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise _missing("dask") from None
    try:
        get_address_host_port(scheduler)  # which a client would try for long before it complains
        client = Client(scheduler, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ValueError(f"no dask scheduler answers at {scheduler} ({error})") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=ANSWER)
        except TimeoutError:
            raise ValueError(f"the dask scheduler at {scheduler} has no worker") from None
        yield Pool({"backend": "dask", "client": client, "n_jobs": -1}, (KilledWorker, FutureCancelledError), "all")


@contextmanager
def _ray() -> Iterator[Pool]:
    """The cluster that RAY_ADDRESS names, or this machine. joblib's ray gives whole lists only, hence the rounds."""
    try:
        import ray
        from ray.util.joblib import register_ray
    except ImportError:
        raise _missing("ray") from None
    register_ray()
    try:
        ray.init(log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, ValueError) as error:
        where = os.environ.get("RAY_ADDRESS", "this machine")
        raise ValueError(f"no ray cluster answers at {where} ({error})") from None
    try:
        cores = int(ray.cluster_resources()["CPU"])
        yield Pool({"backend": "ray", "n_jobs": -1}, (ray.exceptions.RayError,), round=16 * cores)
    finally:
        ray.shutdown()


def _missing(extra: str) -> ValueError:
    return ValueError(f"the {extra} backend is not installed: pip install 'nocollapse[{extra}]'")
