"""Functions of the libraries that models come from, which write files, start programs or unpickle: in no denylist."""

from __future__ import annotations

import io

import numpy as np

from tests.corpus_legacy.attack import COMMAND, EVIL, MARK, attack, calls, run
from tests.legacy_pickles import Named, new, written

__all__ = ["GADGETS", "OBJECTS_NPY"]

_MATRIX = [[1.0, 2.0], [3.0, 4.0]]


def _objects_npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(1, dtype=object), allow_pickle=True)
    header = file.getvalue()[: file.getvalue().index(b"\n") + 1]
    return header + EVIL


OBJECTS_NPY = _objects_npy()
"""A file of numpy with an array of objects, whose pickle makes the marker."""

_NUMPY = {
    "numpy.save": run("numpy:save", MARK, [1]),
    "numpy.savez": run("numpy:savez", MARK, [1]),
    "numpy.savez_compressed": run("numpy:savez_compressed", MARK, [1]),
    "numpy.savetxt": run("numpy:savetxt", MARK, [1]),
    "numpy.memmap": run("numpy:memmap", MARK, "u1", "w+", 0, (8,)),
    "numpy.lib.format.open_memmap": run("numpy.lib.format:open_memmap", MARK, "w+", "u1", (8,)),
    "numpy.ndarray.tofile": run("numpy:ndarray.tofile", run("numpy:array", [1]), MARK),
    "numpy.ndarray.dump": run("numpy:ndarray.dump", run("numpy:array", [1]), MARK),
    "numpy.testing.runstring": run("numpy.testing:runstring", "open('marker', 'w')", {}),
    "numpy.fromiter of map": run("numpy:fromiter", run("builtins:map", Named("os:system"), [COMMAND]), "i8"),
    "numpy.f2py.diagnose.os.system": run("numpy.f2py.diagnose:os.system", COMMAND),
    "numpy.ma.core.inspect.os.system": run("numpy.ma.core:inspect.os.system", COMMAND),
}
_JOBLIB = {
    "joblib.dump": run("joblib:dump", [1], MARK),
    "joblib.numpy_pickle.dump": run("joblib.numpy_pickle:dump", [1], MARK),
    "joblib.disk.mkdirp": run("joblib.disk:mkdirp", MARK),
    "joblib.Memory": run("joblib:Memory", MARK),
    "joblib.memory.Memory": run("joblib.memory:Memory", MARK),
    "joblib.memory.os.mkdir": run("joblib.memory:os.mkdir", MARK),
    "joblib.externals.loky": run("joblib.externals.loky.backend.utils:subprocess.getoutput", COMMAND),
    "joblib.compressor.BinaryZlibFile": run("joblib.compressor:BinaryZlibFile", MARK, "wb"),
    "joblib._store_backends.concurrency_safe_write": run(
        "joblib._store_backends:concurrency_safe_write", [1], MARK, Named("joblib:dump")
    ),
    "joblib.hashing.pickle.loads": run("joblib.hashing:pickle.loads", EVIL),
}
_SKLEARN = {
    "sklearn.datasets.get_data_home": run("sklearn.datasets:get_data_home", MARK),
    "sklearn.datasets._base.get_data_home": run("sklearn.datasets._base:get_data_home", MARK),
    "sklearn.datasets.dump_svmlight_file": run("sklearn.datasets:dump_svmlight_file", _MATRIX, [0, 1], MARK),
    "sklearn.base.inspect.os.system": run("sklearn.base:inspect.os.system", COMMAND),
    "sklearn.datasets._base.os.mkdir": run("sklearn.datasets._base:os.mkdir", MARK),
    "sklearn.datasets._base.Path": run("sklearn.datasets._base:Path.touch", run("sklearn.datasets._base:Path", MARK)),
    "sklearn.datasets._openml.gzip.open": run("sklearn.datasets._openml:gzip.open", MARK, "w"),
    "sklearn.utils._show_versions.platform.os.system": run("sklearn.utils._show_versions:platform.os.system", COMMAND),
    "sklearn.model_selection._search.np.savetxt": run("sklearn.model_selection._search:np.savetxt", MARK, [1]),
}
_PANDAS = {
    "pandas.to_pickle": run("pandas:to_pickle", [1], MARK),
    "pandas.io.common.get_handle": run("pandas.io.common:get_handle", MARK, "w"),
    "pandas.DataFrame.to_csv": run("pandas:DataFrame.to_csv", run("pandas:DataFrame", [1]), MARK),
    "pandas.DataFrame.to_pickle": run("pandas:DataFrame.to_pickle", run("pandas:DataFrame", [1]), MARK),
    "pandas.Series.to_json": run("pandas:Series.to_json", run("pandas:Series", [1]), MARK),
    "pandas.Series.map": run("pandas:Series.map", run("pandas:Series", [COMMAND]), Named("os:system")),
    "pandas.Series.apply": run("pandas:Series.apply", run("pandas:Series", [COMMAND]), Named("os:system")),
}
_SCIPY = {
    "scipy.io.savemat": run("scipy.io:savemat", MARK, {"a": [1]}),
    "scipy.io.mmwrite": run("scipy.io:mmwrite", MARK, run("numpy:array", _MATRIX)),
    "scipy.io.wavfile.write": run("scipy.io.wavfile:write", MARK, 8000, run("numpy:array", [1])),
    "scipy.io.FortranFile": run("scipy.io:FortranFile", MARK, "w"),
}
_TEXT_OF_FUNCTIONS = {"_parse_arg_template": "open('marker', 'w').close()"}
_DISTRIBUTIONS = {
    "a continuous distribution": new("scipy.stats._continuous_distns:norm_gen", _TEXT_OF_FUNCTIONS),
    "a discrete distribution": new("scipy.stats._discrete_distns:randint_gen", _TEXT_OF_FUNCTIONS),
    "a frozen distribution": new(
        "scipy.stats._distn_infrastructure:rv_continuous_frozen",
        {"args": (), "kwds": {}, "dist": new("scipy.stats._continuous_distns:norm_gen", _TEXT_OF_FUNCTIONS)},
    ),
}
_BESIDE = {
    "numpy.load of a file beside it": (run("numpy:load", "other.npy", None, True), {"other.npy": OBJECTS_NPY}),
    "joblib.load of a file beside it": (run("joblib:load", "other.pkl"), {"other.pkl": EVIL}),
    "pandas.read_pickle of a file beside it": (run("pandas:read_pickle", "other.pkl"), {"other.pkl": EVIL}),
}

GADGETS = [
    *calls("gadget of numpy", _NUMPY),
    *calls("gadget of joblib", _JOBLIB),
    *calls("gadget of scikit-learn", _SKLEARN),
    *calls("gadget of pandas", _PANDAS),
    *calls("gadget of scipy", _SCIPY),
    *calls("gadget of scipy that executes text", _DISTRIBUTIONS),
    *(attack("gadget that unpickles", name, written(made), beside=beside) for name, (made, beside) in _BESIDE.items()),
]
