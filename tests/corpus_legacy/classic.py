"""Calls that start programs, run code or touch files, of Python's own library."""

from __future__ import annotations

import marshal

from tests.corpus_legacy.attack import COMMAND, EVIL, MARK, attack, calls, run
from tests.legacy_pickles import Made, Named, written

__all__ = ["CLASSIC", "UNUSUAL"]

CODE = "open('marker', 'w')"
ARGUMENTS = ["sh", "-c", COMMAND]
_THREAD = run("threading:Thread", None, Named("os:mkdir"), None, (MARK,))
_OS = run("importlib:import_module", "os")
_CODE = compile(CODE, "<payload>", "exec")
_SYSTEM = run("builtins:getattr", _OS, "system")
_FUNCTION = run("types:FunctionType", run("marshal:loads", marshal.dumps(_CODE)), run("builtins:globals"))


def _called(function: Made, *arguments: object) -> bytes:
    """Give a pickle that calls the result of a call."""
    return _called_with(written(function), *arguments)


def _called_with(function: bytes, *arguments: object) -> bytes:
    # The second part is of protocol 2, whose memo is numbered apart; nothing is fetched from it.
    return function[:-1] + written(arguments, 2)[2:-1] + b"R."


CLASSIC = [
    *calls(
        "classic",
        {
            "os.system": run("os:system", COMMAND),
            "posix.system": run("posix:system", COMMAND),
            "os.popen": run("os:popen", COMMAND),
            "os.mkdir": run("os:mkdir", MARK),
            "os.makedirs": run("os:makedirs", "marker/deep"),
            "os.open": run("os:open", MARK, 66),
            "posix.open": run("posix:open", MARK, 66),
            "os.symlink": run("os:symlink", "model", MARK),
            "os.link": run("os:link", "model", MARK),
            "os.mkfifo": run("os:mkfifo", MARK),
            "os.mknod": run("os:mknod", MARK),
            "os.rename": run("os:rename", "model", MARK),
            "os.spawnvp": run("os:spawnvp", 0, "sh", ARGUMENTS),
            "os.spawnlp": run("os:spawnlp", 0, "sh", *ARGUMENTS),
            "os.posix_spawnp": run("os:posix_spawnp", "sh", ARGUMENTS, {"PATH": "/bin:/usr/bin"}),
            "os.execvp": run("os:execvp", "sh", ARGUMENTS),
            "subprocess.Popen": run("subprocess:Popen", ARGUMENTS),
            "subprocess.call": run("subprocess:call", ARGUMENTS),
            "subprocess.run": run("subprocess:run", ARGUMENTS),
            "subprocess.check_call": run("subprocess:check_call", ARGUMENTS),
            "subprocess.check_output": run("subprocess:check_output", ARGUMENTS),
            "subprocess.getoutput": run("subprocess:getoutput", COMMAND),
            "subprocess.getstatusoutput": run("subprocess:getstatusoutput", COMMAND),
            "pty.spawn": run("pty:spawn", ARGUMENTS),
            "builtins.eval": run("builtins:eval", CODE),
            "builtins.exec": run("builtins:exec", CODE),
            "builtins.exec of compile": run("builtins:exec", run("builtins:compile", CODE, "", "exec")),
            "builtins.open": run("builtins:open", MARK, "w"),
            "io.open": run("io:open", MARK, "w"),
            "_io.FileIO": run("_io:FileIO", MARK, "w"),
            "codecs.open": run("codecs:open", MARK, "w"),
            "timeit.timeit": run("timeit:timeit", CODE, "pass"),
            "cProfile.run": run("cProfile:run", CODE),
            "pickle.loads": run("pickle:loads", EVIL),
            "_pickle.loads": run("_pickle:loads", EVIL),
        },
    ),
    *calls(
        "classic",
        {
            "commands.getoutput of Python 2": run("commands:getoutput", COMMAND),
            "__builtin__.eval of Python 2": run("__builtin__:eval", CODE),
        },
        2,
    ),
]
_COMPUTED = {
    "getattr of a module": _called(_SYSTEM, COMMAND),
    "operator.attrgetter": _called_with(_called(run("operator:attrgetter", "system"), _OS), COMMAND),
    "operator.methodcaller": _called(run("operator:methodcaller", "system", COMMAND), _OS),
    "functools.partial": _called(run("functools:partial", Named("builtins:exec"), CODE)),
    "types.FunctionType of marshal.loads": _called(_FUNCTION),
    "a pickle in a pickle": written(run("pickle:loads", written(run("pickle:loads", EVIL)))),
}
UNUSUAL = [
    *calls(
        "unusual",
        {
            "runpy.run_path": run("runpy:run_path", "script.py"),
            "runpy._run_code": run("runpy:_run_code", run("builtins:compile", CODE, "", "exec"), {}),
            "bdb.Bdb.run": run("bdb:Bdb.run", run("bdb:Bdb"), CODE),
            "trace.Trace.run": run("trace:Trace.run", run("trace:Trace"), CODE),
            "profile.run": run("profile:run", CODE),
            "code.InteractiveInterpreter": run(
                "code:InteractiveInterpreter.runsource", run("code:InteractiveInterpreter"), CODE
            ),
            "imaplib.IMAP4_stream": run("imaplib:IMAP4_stream", COMMAND),
            "pydoc.pipepager": run("pydoc:pipepager", "text", "cat > marker"),
            "shelve.open": run("shelve:open", MARK),
            "dbm.dumb.open": run("dbm.dumb:open", MARK, "n"),
            "sqlite3.connect": run("sqlite3:connect", MARK),
            "logging.FileHandler": run("logging:FileHandler", MARK),
            "zipfile.ZipFile": run("zipfile:ZipFile", MARK, "w"),
            "tarfile.open": run("tarfile:open", MARK, "w"),
            "gzip.open": run("gzip:open", MARK, "w"),
            "bz2.open": run("bz2:open", MARK, "w"),
            "lzma.open": run("lzma:open", MARK, "w"),
            "tempfile.mkdtemp": run("tempfile:mkdtemp", "", MARK, "."),
            "tempfile.mkstemp": run("tempfile:mkstemp", "", MARK, "."),
            "shutil.copy": run("shutil:copy", "model", MARK),
            "shutil.copytree": run("shutil:copytree", ".", MARK),
            "shutil.move": run("shutil:move", "model", MARK),
            "shutil.make_archive": run("shutil:make_archive", MARK, "tar", ".", "model"),
            "urllib.request.urlretrieve": run("urllib.request:urlretrieve", "data:,text", MARK),
            "mailbox.Maildir": run("mailbox:Maildir", MARK),
            "pathlib.Path.touch": run("pathlib:Path.touch", run("pathlib:PosixPath", MARK)),
            "pathlib.Path.mkdir": run("pathlib:Path.mkdir", run("pathlib:PosixPath", MARK)),
            "py_compile.compile": run("py_compile:compile", "script.py", MARK),
            "atexit.register": run("atexit:register", Named("os:system"), COMMAND),
            "threading.Thread.run": run("threading:Thread.run", _THREAD),
            "weakref.finalize": run("weakref:finalize", Named("os:system"), Named("os:system"), COMMAND),
            "list of map": run("builtins:list", run("builtins:map", Named("os:system"), [COMMAND])),
            "list of starmap": run("builtins:list", run("itertools:starmap", Named("os:system"), [(COMMAND,)])),
            "list of filter": run("builtins:list", run("builtins:filter", Named("os:system"), [COMMAND])),
            "functools.reduce": run("functools:reduce", Named("builtins:open"), ["w"], MARK),
            "concurrent.futures": run(
                "concurrent.futures:ThreadPoolExecutor.submit",
                run("concurrent.futures:ThreadPoolExecutor", 1),
                Named("os:system"),
                COMMAND,
            ),
            "contextlib.ExitStack": run(
                "contextlib:ExitStack.enter_context", run("contextlib:ExitStack"), run("builtins:open", MARK, "w")
            ),
        },
    ),
    *(attack("computed call", name, data) for name, data in _COMPUTED.items()),
]
