"""What the API reads out of a request: JSON and parameters whose text every database can store, within bounds."""

import json
import re
from typing import Any, cast

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from ninja.errors import HttpError
from ninja.parser import Parser

from portal.bounds import LONGEST_TEXT

DEEPEST = 20  # levels of arrays and objects
MOST_VALUES = 10_000  # all strings, numbers, arrays and objects of a body together
_NO_LETTER = re.compile("[\x00\ud800-\udfff]")


class UnboundedError(ValueError):
    """A body of JSON that is longer, deeper or wider than any request needs. The message says which bound."""


class TextParser(Parser):
    """Accepts only bounded JSON and parameters, with strings that have no NUL and no lone surrogate."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Parse the body. Raises HttpError 400 if it is not such JSON, and UnboundedError."""
        text = request.body.decode("utf-8", "strict")
        found = json.loads(text, parse_constant=_no_number)
        _check(found)
        return cast(dict[str, Any], found)

    def parse_querydict(
        self, data: "MultiValueDict[str, Any]", list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """Parse the parameters."""
        for _name, values in data.lists():
            _check(values)
        return super().parse_querydict(data, list_fields, request)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON.")


def _check(value: Any) -> None:
    """Check all values, level by level. Raises HttpError 400 and UnboundedError."""
    level, depth, seen = [value], 0, 0
    while level:
        depth += 1
        seen += len(level)
        if depth > DEEPEST:
            raise UnboundedError(_("The body is nested more than %(n)d levels deep.") % {"n": DEEPEST})
        if seen > MOST_VALUES:
            raise UnboundedError(_("The body has more than %(n)d values.") % {"n": MOST_VALUES})
        below: list[Any] = []
        for one in level:
            if isinstance(one, str):
                _check_text(one)
            elif isinstance(one, dict):
                below += [*one, *one.values()]
            elif isinstance(one, list):
                below += one
        level = below


def _check_text(text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise UnboundedError(_("A string of the body has more than %(n)d characters.") % {"n": LONGEST_TEXT})
    if _NO_LETTER.search(text):
        raise HttpError(400, "A string has an invalid character.")
