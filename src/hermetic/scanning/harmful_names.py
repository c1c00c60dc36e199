"""Functions that files use for harm: a closed table with a rule for each; what stands in no table is not thereby good.

The table only sharpens a verdict. A call of anything that the tables of known calls do not list is dangerous anyway.
"""

from __future__ import annotations

__all__ = ["RULES", "rule_of_harm"]

RULES = {
    "arguments": "a known function gets arguments that no pickler gives it",
    "change-of-import": "something that is imported, not made by the file, is changed for the whole process",
    "computed-call": "what is called is itself the result of a call",
    "extension-code": "a number stands for a name that only the reading process knows",
    "file-access": "it opens, writes, moves or deletes files",
    "find-attribute": "it finds functions by name, which no scan can follow",
    "foreign-file": "the array stands in another file, which was not scanned",
    "malformed": "no pickler writes this",
    "native-code": "it calls into native code without any check",
    "network": "it opens connections",
    "path-traversal": "it names a file outside the folder of this one",
    "process-state": "it changes or ends the process",
    "run-code": "it runs code that the file brings",
    "run-command": "it starts programs",
    "special-attribute": "it sets an attribute by which Python itself works",
    "unknown-call": "the function is in no table of known calls",
    "unknown-name": "the name is in no table of known types and functions",
    "unpickle": "it reads another pickle, without any scan",
}
"""The rule of each kind of finding, and what it means."""

_MODULES = {
    "file-access": (
        "bz2 dbm dbm.dumb distutils.file_util distutils.dir_util fileinput glob gzip linecache lzma mmap shutil "
        "sqlite3 tarfile tempfile zipfile zipimport"
    ),
    "find-attribute": "inspect pkgutil pydoc",
    "native-code": "_ctypes cffi ctypes ctypes.util numpy.ctypeslib",
    "network": (
        "_socket asyncio ftplib http.client http.server httpx imaplib nntplib poplib requests requests.api smtplib "
        "socket socketserver ssl telnetlib urllib urllib.request urllib2 webbrowser xmlrpc.client xmlrpc.server aiohttp"
    ),
    "process-state": (
        "_thread _xxsubinterpreters atexit concurrent.futures faulthandler gc multiprocessing resource signal sys "
        "threading _interpreters"
    ),
    "run-code": (
        "ast bdb cProfile code codeop doctest ensurepip idlelib.run imp importlib importlib.machinery importlib.util "
        "lib2to3 marshal pdb pip profile runpy site timeit trace types unittest venv "
        "_frozen_importlib importlib._bootstrap"
    ),
    "run-command": "commands nt os os.path platform popen2 posix posixpath ntpath pty subprocess _posixsubprocess",
    "unpickle": "_pickle cPickle cloudpickle dill jsonpickle pickle shelve torch.serialization yaml",
}
_NAMES = {
    "file-access": (
        "_io.FileIO _io.open builtins.open builtins.file codecs.open io.FileIO io.open io.open_code joblib.dump "
        "joblib.memory.Memory joblib.numpy_pickle.dump logging.FileHandler logging.config.fileConfig numpy.DataSource "
        "numpy.fromfile numpy.genfromtxt numpy.loadtxt numpy.memmap numpy.save numpy.savetxt numpy.savez "
        "numpy.savez_compressed numpy.lib.format.open_memmap numpy.lib.npyio.save numpy.lib.npyio.savetxt "
        "pandas.read_csv pathlib.Path.unlink pathlib.Path.write_bytes pathlib.Path.write_text "
        "sklearn.datasets.clear_data_home sklearn.datasets.get_data_home sklearn.datasets._base.clear_data_home "
        "sklearn.datasets._base.get_data_home sklearn.datasets.load_files sklearn.datasets._base.load_files"
    ),
    "find-attribute": (
        "_operator.attrgetter _operator.methodcaller builtins.__build_class__ builtins.apply builtins.delattr "
        "builtins.dir builtins.filter builtins.getattr builtins.globals builtins.hasattr builtins.locals builtins.map "
        "builtins.reduce builtins.setattr builtins.super builtins.type builtins.vars functools.reduce "
        "itertools.starmap operator.attrgetter operator.call operator.methodcaller"
    ),
    "process-state": (
        "builtins.breakpoint builtins.exit builtins.input builtins.quit builtins.raw_input copyreg.add_extension "
        "copyreg.constructor copyreg.pickle logging.config.dictConfig numpy.seterrcall sklearn.set_config"
    ),
    "run-code": (
        "builtins.__import__ builtins.compile builtins.eval builtins.exec builtins.execfile builtins.reload "
        "_codecs.lookup codecs.lookup numpy.f2py.compile numpy.testing._private.utils.runstring "
        "numpy.testing._private.utils.rundocs pandas.eval pandas.core.computation.eval.eval numpy.vectorize "
        "numpy.frompyfunc numpy.apply_along_axis numpy.piecewise numpy.distutils.exec_command.exec_command "
        "scipy.LowLevelCallable sklearn.utils._testing.check_skip_network"
    ),
    "run-command": "joblib.parallel.Parallel joblib.Parallel joblib.externals.loky.get_reusable_executor",
    "unpickle": (
        "joblib.load joblib.numpy_pickle.load joblib.numpy_pickle_compat.load_compatibility numpy.load "
        "numpy.lib.format.read_array numpy.lib.npyio.load numpy.lib._npyio_impl.load pandas.read_pickle "
        "pandas.io.pickle.read_pickle sklearn.externals.joblib.load torch.load numpy.core._methods._load "
        "numpy._core.multiarray.fromfile"
    ),
}
_RULE_OF_MODULE = {module: rule for rule, modules in _MODULES.items() for module in modules.split()}
_RULE_OF_NAME = {name: rule for rule, names in _NAMES.items() for name in names.split()}


def rule_of_harm(module: str, name: str) -> str:
    """Give the rule by which a name is harmful; "" where it stands in no table.

    Parameters
    ----------
    module, name : str
        From a file, so they may be any text; the name may have dots, by which Python walks through attributes.

    Returns
    -------
    str
        One of `RULES`.

    Examples
    --------
    >>> from hermetic.scanning.harmful_names import rule_of_harm
    >>> rule_of_harm("os", "system"), rule_of_harm("sklearn.base", "inspect.os.system"), rule_of_harm("numpy", "mean")
    ('run-command', 'find-attribute', '')
    """
    found = _RULE_OF_MODULE.get(module) or _RULE_OF_NAME.get(f"{module}.{name}", "")
    if found or "." not in name:
        return found
    for part in name.split("."):
        if part in _RULE_OF_MODULE:
            return _RULE_OF_MODULE[part]
    return ""
