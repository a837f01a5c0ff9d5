"""Where the server listens: under which path, and whether from this machine alone."""

from __future__ import annotations

import gc
import ipaddress
import socket
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterable


class Listening:
    """The addresses at which the server listens, noted once when it starts."""

    def __init__(self) -> None:
        self.addresses: tuple[str, ...] = ()

    def note(self, addresses: Iterable[str]) -> None:
        """Note them."""
        self.addresses = tuple(addresses)


LISTENING = Listening()


def listening_sockets() -> list[socket.socket]:
    """Find the sockets of this process that wait for connections."""
    sockets = [thing for thing in gc.get_objects() if isinstance(thing, socket.socket)]
    return [each for each in sockets if _listens(each)]


def _listens(each: socket.socket) -> bool:
    if each.fileno() < 0 or each.family not in {socket.AF_INET, socket.AF_INET6}:
        return False
    return bool(each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def base_path() -> str:
    """Give what every address of this server begins with; empty by default."""
    path = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{path}" if path else ""


def on_loopback() -> bool:
    """
    Tell whether nobody but this machine can reach the server.

    Both the address that it was told and those that it really listens at must be of the
    loopback interface; what a browser claims to have asked does not count.
    """
    told = st.get_option("server.address")
    return all(map(_is_loopback, (str(told or ""), *LISTENING.addresses)))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return address == "localhost"
