"""The store of what maps fetch: one address a content, bounded, safe among threads."""

from __future__ import annotations

import subprocess
import sys
import threading

import numpy as np

from maps.store import FEWEST, PNG_TYPE, GeoStore
from tests.conftest import ROOT


def test_the_same_content_has_one_address():
    store = GeoStore()
    assert store.put({"a": 1}) == store.put(b'{"a":1}') != store.put({"a": 2})
    assert store.get(store.put({"a": 1})).content == b'{"a":1}'


def test_the_store_lets_go_of_what_was_asked_for_longest_ago():
    contents = [np.random.default_rng(seed).bytes(400) for seed in range(4)]
    store = GeoStore(limit=1300)
    first, second, third = (store.put(each, media_type=PNG_TYPE) for each in contents[:3])
    assert store.get(first)
    fourth = store.put(contents[3], media_type=PNG_TYPE)
    assert store.get(second) is None
    assert all(store.get(url) for url in (first, third, fourth))


def test_many_threads_may_use_the_store():
    store, failures = GeoStore(limit=4000), []

    def work(seed):
        rng = np.random.default_rng(seed)
        for _ in range(150):
            content = bytes([int(rng.integers(40))]) * 300
            url = store.put(content, media_type=PNG_TYPE)
            stored = store.get(url)
            if stored and stored.content != content:
                failures.append(url)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store._size == sum(len(stored.body) for stored in store._entries.values()) <= 4000


def test_maps_do_without_streamlit():
    code = "import maps.page, sys; sys.exit('streamlit' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_command_line_loads_no_statistics_before_it_needs_them():
    unwanted = ["scipy.stats", "scipy.ndimage", "scipy.optimize", "streamlit", "folium"]
    code = f"import cli, sys; sys.exit(', '.join(set({unwanted}) & set(sys.modules)) or 0)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_promise_is_kept_once_and_only_when_asked():
    store, made = GeoStore(), []
    url = store.promise(("gaps", 1), lambda: made.append(1) or {"a": 1})
    assert url == store.promise(("gaps", 1), lambda: made.append(2) or {"a": 2})
    assert not made
    name = url.rpartition("/")[2]
    assert store.fulfil(name).content == b'{"a":2}'
    assert made == [2]
    assert store.get(url).content == b'{"a":2}'
    assert store.fulfil("unknown.json") is None


def test_promises_keep_no_more_alive_than_so_many_bytes():
    store = GeoStore(promised=1000)
    great, other = bytes(900), bytes(400)

    def names():
        return [*store._promises]

    for n in range(FEWEST + 3):
        store.promise(("a", n), list, parts=(great,), size_of=len)
    assert (len(names()), store.held.total) == (FEWEST + 3, 900)  # shared, so counted once
    for n in range(2):
        store.promise(("b", n), list, parts=(other,), size_of=len)
    assert (len(names()), store.held.total) == (FEWEST, 1300)  # those of a page stay
    for n in range(FEWEST):
        store.promise(("c", n), list)
        store.promise(("b", 1), list, parts=(other,), size_of=len)
    assert store.held.total == 400  # both of the second kind
    for n in range(2):
        store.promise(("b", n), list)
    assert (len(store.held.sizes), store.held.total) == (0, 0)
