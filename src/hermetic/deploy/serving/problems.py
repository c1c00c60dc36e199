"""What a client is told when a request cannot be answered: a status, one sentence, and the field it is about."""

from __future__ import annotations

import json

__all__ = ["Problem"]

_MOST_CHARACTERS = 400


class Problem(Exception):
    """A request that gets another status than 200.

    Parameters
    ----------
    status : int
        Of HTTP: 4xx where the client can do something about it.
    words : str
        What was found and what was expected. Nothing of the server's inside is in it: no path, no traceback.
    field : str, default=""
        Which part of the request: ``inputs[0].shape``, ``rows[3].age``.
    retry_seconds : int, default=0
        When to try again, for a server that is busy.

    Examples
    --------
    >>> problem = Problem(422, "expected a number, found a text", "rows[3].age")
    >>> print(problem.body().decode())
    {"error": "rows[3].age: expected a number, found a text", "field": "rows[3].age"}
    """

    def __init__(self, status: int, words: str, field: str = "", *, retry_seconds: int = 0) -> None:
        super().__init__(status, words, field)
        self.status = status
        self.words = words[:_MOST_CHARACTERS]
        self.field = field[:_MOST_CHARACTERS]
        self.retry_seconds = retry_seconds

    def body(self) -> bytes:
        """Give the answer as JSON, in the form of the Open Inference Protocol, with the field beside it."""
        content = {"error": f"{self.field}: {self.words}" if self.field else self.words}
        if self.field:
            content["field"] = self.field
        return json.dumps(content).encode()

    def headers(self) -> dict[str, str]:
        """Give the headers that belong to it."""
        return {"retry-after": str(self.retry_seconds)} if self.retry_seconds else {}
