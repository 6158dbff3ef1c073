"""A lost connection ends nothing: aiokafka's clients go on when the broker is there again.

A client learns of topics, leaders and coordinators by one task, and an error that it does not expect ends that task for
good: producers and consumers then wait for ever for what nobody asks any more. uvloop raises such an error, a
RuntimeError, when something is written to a connection in the moment in which it was closed. And a consumer that is
stopped while it waits after a failed fetch stops with a CancelledError, which its caller takes for its own end.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
from collections.abc import Callable
from typing import Any

import aiokafka
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.errors import KafkaConnectionError

log = logging.getLogger(__name__)

#: How long a client waits before it asks again what nobody answered; else it spins after a clean stop of the broker.
_PAUSE_SECONDS = 0.25
_ASKING, _FETCHING, _WRITING = "_metadata_update", "_proc_fetch_request", ("send", "_send_sasl_token")


def stay_steady() -> None:
    """Makes every client of this process so. Raises ImportError for an unknown aiokafka; again it changes nothing."""
    asking: Any = vars(AIOKafkaClient).get(_ASKING)
    fetching: Any = vars(Fetcher).get(_FETCHING)
    writing = [vars(AIOKafkaConnection).get(name) for name in _WRITING]
    if hasattr(asking, "__wrapped__"):
        return
    if not all(map(inspect.iscoroutinefunction, (asking, fetching))) or not all(map(inspect.isfunction, writing)):
        what = "shared/platform/steady.py must follow it"
        raise ImportError(f"aiokafka {aiokafka.__version__} is built differently: {what}")
    setattr(AIOKafkaClient, _ASKING, _patient(asking))
    setattr(Fetcher, _FETCHING, _dismissible(fetching))
    for name in _WRITING:
        setattr(AIOKafkaConnection, name, _honest(vars(AIOKafkaConnection)[name]))


def _patient(ask: Callable[..., Any]) -> Callable[..., Any]:
    """Answers False, after a pause, instead of raising."""

    @functools.wraps(ask)
    async def asked(*arguments: Any) -> bool:
        try:
            done = bool(await ask(*arguments))
        except Exception:
            log.warning("the broker could not be asked for its topics", exc_info=True)
            done = False
        if not done:
            await asyncio.sleep(_PAUSE_SECONDS)
        return done

    return asked


def _dismissible(fetch: Callable[..., Any]) -> Callable[..., Any]:
    """Answers False when it is cancelled, as aiokafka itself does before the fetch has failed."""

    @functools.wraps(fetch)
    async def fetched(*arguments: Any) -> bool:
        try:
            return bool(await fetch(*arguments))
        except asyncio.CancelledError:
            return False

    return fetched


def _honest(send: Callable[..., Any]) -> Callable[..., Any]:
    """Says of a closed connection that it is closed, in the way that aiokafka expects."""

    @functools.wraps(send)
    def sent(connection: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return send(connection, *arguments, **options)
        except RuntimeError as error:
            connection.close(reason=CloseReason.CONNECTION_BROKEN)
            place = f"{connection.host}:{connection.port}"
            raise KafkaConnectionError(f"Connection at {place} broken: {error}") from error

    return sent
