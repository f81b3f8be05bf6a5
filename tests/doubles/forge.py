"""What the doubles of forges have in common: routes by pattern, and lists in pages of two.

Pages are that small so that whoever reads only the first is found out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlencode

from tests.doubles.wire import Access, HttpDouble, Reply, Request, make_json_reply

PAGE = 2
Route = tuple[str, str, Callable[[Any, Request, Mapping[str, str]], Reply]]
"""Method, pattern of the path, and what answers; it is told the double, the request and what the names stand for."""


class ForgeDouble(HttpDouble):
    """Answers by the first route that fits.

    Args:
        missing: the message where none does.
    """

    def __init__(self, routes: Sequence[Route], missing: str, access: Access) -> None:
        self._routes = routes
        self._missing = missing
        super().__init__(self.find_answer, access=access)

    def find_answer(self, request: Request) -> Reply:
        for method, pattern, answer in self._routes:
            found = re.fullmatch(pattern, request.path)
            if found and request.method == method:
                return answer(self, request, {name: unquote(text) for name, text in found.groupdict().items()})
        return make_json_reply(404, {"message": self._missing})

    def page(self, request: Request, items: list[Any]) -> Reply:
        """The page of a list that a request asks for, with links to the next and the first."""
        number = int(request.query.get("page", "1"))
        end = number * PAGE
        headers = {}
        if end < len(items):
            query = urlencode({**request.query, "page": number + 1})
            headers["Link"] = f'<{self.url}{request.path}?{query}>; rel="next", <{self.url}{request.path}>; rel="first"'
        return make_json_reply(200, items[end - PAGE : end], **headers)
