"""Every exception that hermetic raises, its one warning, and nothing else.

One base class, two branches: the caller is wrong (`UsageError`) or the file is wrong (`FileError`).
A message says what was found and what was expected, where, and what to do next; the same facts are
attributes of the error, so that a program can act on them.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "CannotSave",
    "CapabilityRefused",
    "DataChanged",
    "DataUnavailable",
    "EndOfStream",
    "FileError",
    "ForeignFormat",
    "FormatError",
    "HermeticError",
    "InvalidState",
    "LimitExceeded",
    "LockNotApproved",
    "RejectedFile",
    "SignatureRefused",
    "UnknownReleaseWarning",
    "UnsupportedVersion",
    "UntrustedType",
    "UsageError",
]

_Places = Sequence[tuple[str, str, str]]


class HermeticError(Exception):
    """Base of every error of hermetic.

    Parameters
    ----------
    found : str
        What was found, and what was expected instead, with values.
    where : str, default=""
        The file, and the path inside the model (``$.steps[1]``) or the byte offset.
    next_step : str, default=""
        What the reader of the message can do about it.

    Examples
    --------
    >>> from hermetic.errors import FormatError
    >>> print(FormatError("the file is empty", where="model.hermetic", next_step="Save it again."))
    the file is empty
      at model.hermetic
      Save it again.
    """

    def __init__(self, found: str, *, where: str = "", next_step: str = "") -> None:
        self.found = found
        self.where = where
        self.next_step = next_step
        super().__init__(found, where, next_step)

    def __str__(self) -> str:
        """Render the message on one to three lines."""
        lines = [self.found]
        if self.where:
            lines.append(f"  at {self.where}")
        if self.next_step:
            lines.append(f"  {self.next_step}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        """Keep keyword-only attributes when the error crosses a process border."""
        return (_rebuild_error, (type(self), self.found, dict(self.__dict__)))


def _rebuild_error(kind: type[HermeticError], found: str, state: dict[str, object]) -> HermeticError:
    error = kind.__new__(kind)
    Exception.__init__(error, found)
    error.__dict__.update(state)
    return error


class UsageError(HermeticError, ValueError):
    """The caller asked for something that cannot be done."""


class CannotSave(UsageError, TypeError):
    """The model holds something that cannot be kept safely; nothing was written."""


class DataUnavailable(UsageError):
    """The data that a model was fitted on are not at hand: left out, missing, not allowed, or out of reach."""


class FileError(HermeticError):
    """The file is wrong: damaged, foreign, hostile or too new."""


class FormatError(FileError, ValueError):
    """The bytes are not what the format specification demands."""


class EndOfStream(FormatError, EOFError):
    """Not one byte is left to read: an empty file, or a stream behind its last model.

    It is an `EOFError`, as of pickle and joblib, so that a loop over the models of one stream ends as it does there. A
    model that is cut off is no end: that is a plain `FormatError`.
    """


class ForeignFormat(FormatError):
    """The file is whole, perhaps, but of another format, such as pickle or joblib; nothing of it was loaded or run."""


class LimitExceeded(FileError):
    """Reading on would cost more than the budget allows.

    Attributes
    ----------
    limit : str
        The name of the field of `hermetic.Limits`.
    allowed, asked : int
        Its value, and the value that the file asks for.
    """

    def __init__(self, limit: str, *, allowed: int, asked: int, where: str = "") -> None:
        self.limit = limit
        self.allowed = allowed
        self.asked = asked
        super().__init__(
            f"the limit {limit} is {allowed:,}, but {asked:,} would be needed",
            where=where,
            next_step=f"If you expect a model of this size, pass limits=hermetic.Limits({limit}={asked}).",
        )


class UntrustedType(FileError):
    """The file names types or functions that nobody has vouched for.

    Attributes
    ----------
    names : tuple of (str, str, str)
        For each one its dotted name, its role (``constructed``, ``referenced``, ``called``) and the path of its first
        place.
    capabilities : tuple of (str, str, str)
        As in `CapabilityRefused`: what the file asks for besides.
    """

    def __init__(self, names: _Places, *, capabilities: _Places = (), where: str = "") -> None:
        self.names = tuple(names)
        self.capabilities = tuple(capabilities)
        shown = "".join(f"\n    {name}  ({role}, first at {path})" for name, role, path in self.names)
        trusted = ", ".join(f'"call:{name}"' if role == "called" else f'"{name}"' for name, role, _ in self.names)
        grants = ", ".join(sorted({f'"{name}"' for name, _, _ in self.capabilities}))
        super().__init__(
            f"the file uses {len(self.names)} name(s) that are in no table of known types and functions:{shown}"
            + _listed(self.capabilities),
            where=where,
            next_step="Read the source of each name: trusting it lets its code run. Where you trust it, pass "
            f"trusted=[{trusted}]{f', capabilities={{{grants}}}' if grants else ''}.",
        )


def _listed(capabilities: _Places) -> str:
    return "".join(f"\n    {name}  ({path}: {meaning})" for name, path, meaning in capabilities)


class CapabilityRefused(FileError):
    """Loading or using the model would reach outside, which nobody has granted.

    Attributes
    ----------
    capabilities : tuple of (str, str, str)
        For each one its name, the path of its first place, and what it means in words.
    """

    def __init__(self, capabilities: _Places, *, where: str = "") -> None:
        self.capabilities = tuple(capabilities)
        shown = _listed(self.capabilities)
        granted = ", ".join(sorted({f'"{name}"' for name, _, _ in self.capabilities}))
        super().__init__(
            f"the model asks for {len(self.capabilities)} capability(ies) that an ordinary model does not need:{shown}",
            where=where,
            next_step=f"If that is what the model is for, pass capabilities={{{granted}}}.",
        )


class RejectedFile(FileError):
    """Somebody has looked at this very file and decided, in the approvals that the caller names, against it."""


class SignatureRefused(FileError):
    """The file is not signed by a key that the caller trusts, or was changed after it was signed."""


class DataChanged(FileError, ValueError):
    """The data are not those that the model was fitted on; the message says where they differ."""


class LockNotApproved(FileError):
    """What a file names would be installed, which runs its code, and nobody has approved that very list.

    Attributes
    ----------
    digest : str
        Hexadecimal SHA-256 of the list, which approves it.
    lines : tuple of str
        The list: a line for each distribution.
    """

    def __init__(self, digest: str, lines: Sequence[str], *, where: str = "", next_step: str = "") -> None:
        self.digest = digest
        self.lines = tuple(lines)
        shown = "".join(f"\n    {line}" for line in self.lines)
        found = f"{len(self.lines)} distribution(s) would be installed, which nobody has approved:{shown}"
        super().__init__(f"{found}\n  SHA-256 of this list: {digest}", where=where, next_step=next_step)


class UnsupportedVersion(FileError):
    """The file was written by a version that this installation cannot read faithfully."""


class InvalidState(FileError, ValueError):
    """The state of an object breaks a rule that native code relies on."""


class UnknownReleaseWarning(UserWarning):
    """A model was loaded across a release of scikit-learn that this hermetic does not know yet."""
