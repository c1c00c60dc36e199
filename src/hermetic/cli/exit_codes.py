"""What the exit status of a command means, and which error ends in which status."""

from __future__ import annotations

from enum import IntEnum

from hermetic.errors import CapabilityRefused, LockNotApproved, RejectedFile, SignatureRefused, UntrustedType

__all__ = ["ExitCode", "exit_code_of"]


class ExitCode(IntEnum):
    """The four ways in which a command ends; scripts rely on these numbers."""

    OK = 0
    CHECK_FAILED = 1
    WRONG_USAGE = 2
    REFUSED = 3


def exit_code_of(error: Exception) -> ExitCode:
    """Return the exit status for an error that a command could not handle.

    Parameters
    ----------
    error : Exception
        An error of hermetic, or the operating system's about a file.

    Returns
    -------
    ExitCode
        ``REFUSED`` when the policy said no, ``WRONG_USAGE`` for every other error.

    Examples
    --------
    >>> from hermetic.cli.exit_codes import exit_code_of
    >>> from hermetic.errors import FormatError, UntrustedType
    >>> int(exit_code_of(FormatError("the file is empty")))
    2
    >>> int(exit_code_of(UntrustedType([("builtins.eval", "called", "$")])))
    3
    """
    if isinstance(error, UntrustedType | CapabilityRefused | LockNotApproved | RejectedFile | SignatureRefused):
        return ExitCode.REFUSED
    return ExitCode.WRONG_USAGE
