"""What a worker does before it reads a task: then the task may name what only exists from there on."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cloudpickle


@dataclass(frozen=True)
class Preparation:
    """A call, `function(*arguments)`, that comes before each task in the process which does it.

    `function` is found by its name in an installed package, so that any worker has it. It is called once a task, and
    sees to it that this costs next to nothing the second time. The process that asks has called it, too, before it
    names a task. `digest` stands for all in `arguments` that a result may depend on: a kept result is found again for
    the same digest alone.
    """

    function: Callable[..., object]
    arguments: tuple[Any, ...]
    digest: str


def packed(function: Callable[..., Any], task: tuple[Any, ...]) -> bytes:
    """A function and a task as bytes, which any process can hold, prepared or not."""
    content: bytes = cloudpickle.dumps((function, task))
    return content


def prepared(preparation: Preparation, content: bytes) -> Any:
    """What a packed function gives for its task, read once all is prepared."""
    preparation.function(*preparation.arguments)
    function, task = pickle.loads(content)
    return function(*task)
