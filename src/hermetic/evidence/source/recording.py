"""Recording the source that made a model: script or cells, own modules of the model, state of the repository.

Nothing of the surroundings is recorded: no variables of the environment, no settings, no paths above the project, no
outputs of cells. Text travels only when nothing in it looks like a secret.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from typing import Literal

from hermetic.errors import UsageError
from hermetic.evidence.source.modules import is_below, modules_of, own_modules, read_text
from hermetic.evidence.source.repository import find_project, read_repository
from hermetic.evidence.source.running import Text, named_file, running_text
from hermetic.evidence.source.secrets import find_secrets
from hermetic.inspection.text import printable
from hermetic.recorded.source import Repository, SourceFile, SourceRecord

__all__ = ["MOST_BYTES", "SourceWish", "describe_source", "record_source"]

MOST_BYTES = 4 << 20
"""How much text may travel in a file: all files together, and the difference for itself."""
_MOST_CHARACTERS = 1_000
_WISHES = ("auto", "digest", "diff")
_Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
SourceWish = Literal["auto", "digest", "diff"] | _Paths | None
"""``auto``, ``digest``, ``diff``, None, or the files that are the source."""
_GO_ON = (
    'Take it out of the source, or pass source="digest": then no text travels, only digests. '
    "A password read from os.environ or getpass is no secret in the source."
)


def record_source(model: object, wish: SourceWish = "auto") -> SourceRecord:
    """Record the source that made a model.

    Parameters
    ----------
    model : object
        Fitted; the modules of its types and functions are looked for among the user's own.
    wish : "auto", "digest", "diff", None, path or list of paths, default="auto"
        With "auto" the text of the script, or of the notebook cells that ran, and of the user's own modules travels,
        and where git knows them, the commit. With "diff" the difference from the commit travels too, with "digest"
        nothing but digests. Paths name scripts and notebooks to take in place of what is running. None records
        nothing, and says so.

    Returns
    -------
    SourceRecord
        Its notes say what is missing.

    Raises
    ------
    UsageError
        When something looks like a secret, with file and line, or when it is too much text.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> from hermetic.evidence.source.recording import record_source
    >>> record_source(SVC(), None).notes
    ['the source was left out by wish']
    """
    if wish is None:
        return SourceRecord(layout=1, files=[], repository=None, notes=["the source was left out by wish"])
    texts, notes = _texts(wish)
    start = os.path.dirname(texts[0].path) if texts and texts[0].path else os.getcwd()
    top = find_project(start)
    project = top or start
    modules, outside = own_modules(modules_of(model), [text.python for text in texts], project)
    if outside:
        notes.append(f"own modules outside of the project are not recorded: {', '.join(outside[:10])}")
    taken = {os.path.realpath(text.path) for text in texts if text.path}
    texts.extend(_modules_as_texts({name: path for name, path in modules.items() if path not in taken}, taken))
    files = [_file_of(text, project) for text in texts]
    repository = None
    if top and texts:
        inside = [text.path for text in texts if text.path and is_below(text.path, project)]
        repository, said = read_repository(top, inside, with_difference=wish == "diff")
        notes.extend(said)
    elif texts:
        notes.append("there is no git repository, or no git")
    if wish == "digest":
        files = [SourceFile(name=file.name, role=file.role, digest=file.digest, text=None) for file in files]
    else:
        _check(files, repository)
    return SourceRecord(layout=1, files=files, repository=repository, notes=notes)


def _texts(wish: SourceWish) -> tuple[list[Text], list[str]]:
    """Give what was named, or what is running, and a note where that is nothing."""
    if isinstance(wish, str) and wish in _WISHES:
        running, note = running_text()
        return ([running] if running else []), ([note] if note else [])
    paths = [wish] if isinstance(wish, str | os.PathLike) else wish
    if not isinstance(paths, Sequence) or not paths or not all(isinstance(each, str | os.PathLike) for each in paths):
        raise UsageError(f"source must be one of {', '.join(map(repr, _WISHES))}, None, or paths; got {wish!r}"[:300])
    return [named_file(os.fspath(path)) for path in paths], []


def _modules_as_texts(modules: dict[str, str], taken: Iterable[str]) -> Iterable[Text]:
    known = set(taken)
    for name, path in modules.items():
        text = read_text(path)
        if text is not None and os.path.realpath(path) not in known:
            known.add(os.path.realpath(path))
            yield Text(path=path, name=name, role="module", text=text)


def _file_of(text: Text, project: str) -> SourceFile:
    name = text.name
    if text.path:
        # Where the project stands is nobody's business: names begin below it.
        inside = os.path.relpath(os.path.realpath(text.path), os.path.realpath(project))
        name = inside.replace(os.sep, "/") if is_below(text.path, project) else os.path.basename(text.path)
    name = name.encode("utf-8", "backslashreplace").decode()
    digest = hashlib.sha256(text.text.encode()).hexdigest()
    return SourceFile(name=name, role=text.role, digest=digest, text=text.text)


def _check(files: Sequence[SourceFile], repository: Repository | None) -> None:
    parts = [(file.name, file.text or "") for file in files]
    difference = repository.diff if repository is not None else None
    n_bytes = sum(len(text.encode()) for _, text in parts)
    if n_bytes > MOST_BYTES:
        largest, text = max(parts, key=lambda part: len(part[1]))
        raise UsageError(
            f"the source is {n_bytes:,} bytes of text, at most {MOST_BYTES:,} travel in a file; the largest is "
            f"{largest} with {len(text.encode()):,}",
            next_step='Move data out of the source, or pass source="digest", which keeps digests only.',
        )
    if difference is not None and len(difference.encode()) > MOST_BYTES:
        raise UsageError(
            f"the difference from the commit is {len(difference.encode()):,} bytes, at most {MOST_BYTES:,} travel",
            next_step='Commit first, or pass source="auto", which keeps the text of the recorded files only.',
        )
    if difference is not None:
        parts.append(("the difference from the commit", difference))
    found = [f"{name}, line {secret.line}: {secret.what}" for name, text in parts for secret in find_secrets(text)]
    if found:
        shown = "\n    ".join(found[:10] + ([f"and {len(found) - 10} more"] if len(found) > 10 else []))
        raise UsageError(
            f"the source would travel in the file, and looks like it holds:\n    {shown}", next_step=_GO_ON
        )


def describe_source(record: SourceRecord) -> list[str]:
    r"""Say in words what of the source travels in a file, for showing it before.

    Parameters
    ----------
    record : SourceRecord
        From `record_source`, or from a file: then its names are any text.

    Returns
    -------
    list of str
        A line for each file, for the repository and for each note; no text of a file breaks it.

    Examples
    --------
    >>> from hermetic.recorded.source import SourceFile, SourceRecord
    >>> file = SourceFile(name="train.py", role="script", digest="0" * 64, text="fit()\n")
    >>> describe_source(SourceRecord(layout=1, files=[file], repository=None, notes=[]))
    ['script train.py: text of 6 bytes']
    """
    lines = []
    for file in record.files:
        kept = f"digest only, {file.digest[:12]}" if file.text is None else f"text of {_n_bytes(file.text)}"
        lines.append(f"{file.role} {file.name}: {kept}")
    if len(record.files) > 1 and any(file.text is not None for file in record.files):
        total = "".join(file.text or "" for file in record.files)
        lines.append(f"together {len(record.files)} files, {_n_bytes(total)} of text")
    if record.repository is not None:
        lines.extend(_about_repository(record.repository))
    return [printable(line)[:_MOST_CHARACTERS] for line in (*lines, *(f"note: {note}" for note in record.notes))]


def _about_repository(repository: Repository) -> Iterable[str]:
    remote = f" of {repository.remote}" if repository.remote else ""
    state = "with changes that are not committed" if repository.is_dirty else "without changes"
    yield f"commit {repository.commit[:12]}{remote}, {state}"
    if repository.diff is not None:
        yield f"difference from the commit: text of {_n_bytes(repository.diff)}"
    elif repository.is_dirty:
        yield 'difference from the commit: not kept (source="diff" keeps it)'


def _n_bytes(text: str) -> str:
    number = len(text.encode("utf-8", "surrogatepass"))
    return f"{number:,} byte{'' if number == 1 else 's'}"
