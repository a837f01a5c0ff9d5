"""
Text from data, made safe for every place that is not plain text already.

JSON for the map is written by `maps.spec`, and the map itself sets `textContent`;
everything else that shows a word from a file passes through one of these two.
"""

from __future__ import annotations

import re

_HTML = {ord(sign): f"&#{ord(sign)};" for sign in "&<>\"'`${}\\"}
_MARKDOWN = {ord(sign): f"&#{ord(sign)};" for sign in "\\`*_{}[]()<>#+-.!|~$:=&@^\"'"}
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_REWRITTEN = re.compile(
    r"(?P<code>:)(?=[\w+-]+:)"
    r"|(?<!\S)(?P<arrow><|-|>|~)(?=(?:->|>|-|=)(?!\S))"
    r"|(?P<day>(?<=\d)-(?=\d))"
    r"|(?P<address>:(?=//)|www(?=\.)|@)",
    re.IGNORECASE,
)
_JOINER = "\N{WORD JOINER}"


def escape(text: object) -> str:
    """
    Make a text inert inside HTML and inside a script's template literal.

    HTML signs alone are not enough: some map elements write their content into a
    template literal, where a backtick ends it, `${` runs code and a backslash joins
    with what follows. All of these become numeric entities.

    Examples
    --------
    >>> escape("<b>${x}`")
    '&#60;b&#62;&#36;&#123;x&#125;&#96;'
    """
    return str(text).translate(_HTML)


def markdown(text: object) -> str:
    """
    Make a text plain inside Streamlit's Markdown.

    Signs of Markdown, HTML, LaTeX (`$`) and directives (`:red[`) become numeric entities,
    and line breaks become blanks, so that a name can start neither a list nor a heading.
    Emoji codes (`:name:`), arrows and addresses are replaced after entities are read; an
    invisible word joiner inside them keeps them as they are, and a day (2026-06-30) in one line.

    Examples
    --------
    >>> markdown("a:red[b]")
    'a&#58;red&#91;b&#93;'
    """
    line = _BREAKS.sub(" ", str(text)).strip()
    return _REWRITTEN.sub(lambda found: found.group() + _JOINER, line).translate(_MARKDOWN)
