"""A toy map, and what a page of HTML links to."""

from __future__ import annotations

from html.parser import HTMLParser

from maps.spec import (
    WORDS,
    MapSpec,
)


def make_spec(**parts):
    return MapSpec(id="toy", language="en", words=dict.fromkeys(WORDS, "word"), **parts)


class Links(HTMLParser):
    """Collects what a page would fetch."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, _tag, attrs):
        self.found += [value for name, value in attrs if name in {"src", "href", "action"}]


def links(page):
    parser = Links()
    parser.feed(page)
    return parser.found
