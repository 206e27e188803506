"""The API's OpenAPI document: django-ninja's, plus the problem responses that it leaves out."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from pydantic.json_schema import models_json_schema

from portal.api.problems import MEDIA_TYPE, Problem

ABOUT = (
    "Everything that the panel's pages show and do. Changes are operations: a `POST` to an action returns one at once, "
    "and its URL reports the progress. Lists have `total` and `next`; errors are RFC 9457 problems. Field names are "
    "the same everywhere, times are ISO 8601 in UTC, and `as_of` says when the data was read from its cloud."
)
# Problems by status: their names in the document and their meaning.
PROBLEMS = {
    400: ("Unreadable", "The request can't be read."),
    401: ("Unauthenticated", "Authentication required."),
    403: ("Forbidden", "Your role does not allow it, or the CSRF token is missing."),
    404: ("NotFound", "It doesn't exist, or you don't have access to it."),
    413: ("TooLarge", "The body has more than 1 MB."),
    415: ("NotJson", "The body is not announced as application/json."),
    422: ("Refused", "The request is invalid, or not possible now: `errors` gives the reason for each field."),
    429: ("TooMany", "Too many requests: `Retry-After` says after how many seconds the next one is answered."),
    500: ("Mistake", "Meshdeck hit an internal error."),
    503: ("Away", "A part of Meshdeck, or the identity provider, is not answering."),
}


def of(api: NinjaAPI, prefix: str) -> dict[str, Any]:
    """Return the document of an API whose addresses begin with `prefix`."""
    document = dict(_Document(api, prefix))
    document["servers"] = [{"url": "/"}]
    _, known = models_json_schema([(Problem, "serialization")], ref_template=REF_TEMPLATE)
    schemas = document["components"]["schemas"]
    schemas.update(known["$defs"])
    for name in [name for name in schemas if name.endswith("Asked")]:
        del schemas[name]  # parameters: documented with their operations
    content = {MEDIA_TYPE: {"schema": {"$ref": REF_TEMPLATE.format(model="Problem")}}}
    document["components"]["responses"] = {
        name: {"description": description, "content": content} for name, description in PROBLEMS.values()
    }
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _tell(path, method, operation)
    return document


class _Document(OpenAPISchema):
    """Refuses two schemas of the same name: the second would replace the first."""

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        """Add the definitions. Raises TypeError naming a schema that exists already."""
        for name, definition in definitions.items():
            if self.schemas.setdefault(name, definition) != definition:
                raise TypeError(f"Two schemas of the API are called {name}.")


def _tell(path: str, method: str, operation: dict[str, Any]) -> None:
    """Add the problem responses of an operation."""
    responses = operation["responses"]
    statuses = {400, 401, 429, 500, 503}
    if "{" in path:
        statuses.add(404)
    if operation["parameters"] or "requestBody" in operation:
        statuses.add(422)
    if method == "post":
        statuses |= {403, 413, 415}
    for status in sorted(statuses):
        responses[status] = {"$ref": f"#/components/responses/{PROBLEMS[status][0]}"}
    if 202 in responses and 200 not in responses and "content" in responses[202]:
        where = {"description": "The operation's URL.", "schema": {"type": "string"}}
        responses[202]["headers"] = {"Location": where}
