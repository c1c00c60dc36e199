"""Make the models of some recipes with an old release; pickle each, and write down what it answers.

Runs alone, with nothing of this project, on Python 2.7 and newer: ``python write_old.py RECIPES FOLDER``. For each
model ``NAME.2.pkl``, ``NAME.pkl`` (the highest protocol), ``NAME.joblib``, and ``NAME.npz`` with
the arrays of its answers; ``index.json`` has what stands around those arrays, or why a model cannot be made.
"""

import importlib
import inspect
import itertools
import json
import os
import pickle
import re
import signal
import sys
import warnings

import numpy as np
import scipy.sparse

METHODS = (
    "predict predict_proba predict_log_proba decision_function transform score_samples apply decision_path kneighbors "
    "radius_neighbors kneighbors_graph mahalanobis gibbs staged_predict staged_predict_proba staged_decision_function"
).split()
FORMER_NAMES = {
    "estimator": "base_estimator",
    "sparse_output": "sparse",
    "max_iter": "n_iter",
    "metric_mds": "metric",
    "alphas": "n_alphas",
    "max_iter_predict": "max_iter_predict",
}
FORMER_WORDS = {
    "squared_error": ("mse", "ls", "squared_loss", "least_squares"),
    "absolute_error": ("mae", "lad", "least_absolute_deviation"),
    "log_loss": ("deviance", "log", "auto"),
    "passthrough": (None,),
}
FORMER_MODULES = {
    "sklearn.impute": "sklearn.preprocessing",
    "sklearn.model_selection": "sklearn.grid_search",
    "sklearn.experimental": "",
}
SEED = 7
MOST_SECONDS = 10


class Missing(Exception):
    """This release lacks what a recipe names."""


def make(value):
    """Give what a piece of JSON stands for."""
    if isinstance(value, list):
        return [make(item) for item in value]
    if not isinstance(value, dict):
        return str(value) if type(value).__name__ == "unicode" and is_ascii(value) else value
    [(kind, content)] = value.items()
    return MAKERS[kind](content)


def is_ascii(text):
    return all(ord(letter) < 128 for letter in text)


def make_array(content):
    kind, shape, items = content
    if kind == "object":
        array = np.empty(len(items), dtype=object)
        array[:] = [make(item) for item in items]
        return array.reshape(shape)
    if kind == "str":
        return np.array(items).reshape(shape)
    return np.array(items, dtype=str(kind)).reshape(shape)


def make_sparse(content):
    kind, shape, data, indices, ends = content
    parts = tuple(make_array(part["$array"]) for part in (data, indices, ends))
    return scipy.sparse.csr_matrix(parts, shape=tuple(shape)).asformat(str(kind))


def make_frame(content):
    try:
        pandas = importlib.import_module("pandas")
    except ImportError:
        raise Missing("pandas")
    columns = [make(name) for name, _ in content]
    return pandas.DataFrame({make(name): make(column) for name, column in content}, columns=columns)


def find(module, name):
    for place in (module, FORMER_MODULES.get(module, "")):
        try:
            return getattr(importlib.import_module(place), name)
        except (ImportError, AttributeError, ValueError):
            continue
    raise Missing(module + "." + name)


def make_object(content):
    place, given = content
    kind = find(*place.rsplit(".", 1))
    known = parameters_of(kind)
    if known is not None:
        named = {name if name in known else FORMER_NAMES.get(name, name): given[name] for name in given}
        given = {name: named[name] for name in named if name in known}
    return kind(**{str(name): make(given[name]) for name in given})


def parameters_of(kind):
    init = kind.__init__
    init = getattr(init, "deprecated_original", getattr(init, "__wrapped__", init))
    try:
        if hasattr(inspect, "getfullargspec"):
            found = inspect.getfullargspec(init)
            return None if found.varkw else found.args + found.kwonlyargs
        found = inspect.getargspec(init)
        return None if found.keywords else found.args
    except TypeError:
        return None


MAKERS = {
    "$array": make_array,
    "$sparse": make_sparse,
    "$frame": make_frame,
    "$make": make_object,
    "$name": lambda content: find(*content),
    "$tuple": lambda content: tuple(make(item) for item in content),
    "$dict": lambda content: {make(key): make(item) for key, item in content},
    "$bytes": lambda content: content.encode("latin-1"),
}


def variants(model):
    """Give a recipe as it is, and with one of the former words for its values."""
    text = json.dumps(model)
    yield model
    for word in FORMER_WORDS:
        for former in FORMER_WORDS[word]:
            if json.dumps(word) in text:
                yield json.loads(text.replace(": " + json.dumps(word), ": " + json.dumps(former)))


def fit(recipe):
    X, y, error = make(recipe["X"]), make(recipe["y"]), None
    for model in variants(recipe["model"]):
        np.random.seed(0)
        try:
            made = make(model)
            return made.fit(X) if y is None else made.fit(X, y)
        except Missing:
            raise
        except Exception as found:
            error = error or found
    raise error


def answers_of(model, inputs):
    """Give what each method of a model answers."""
    names = [name for name in METHODS if inputs.get(name, inputs.get("X")) is not None]
    names = [name for name in names + ["inverse_transform", "get_feature_names_out", "sample"] if hasattr(model, name)]
    names = [name for name in names if not (name in inputs and inputs[name] is None)]
    if "predict" in names:
        known = getattr(model.predict, "__func__", model.predict).__code__.co_varnames
        names += ["predict:" + variant for variant in ("return_std", "return_cov") if variant in known]
    return {name: outcome(model, name, inputs) for name in names}


def outcome(model, name, inputs):
    np.random.seed(SEED)
    try:
        return answer(model, name, inputs)
    except Exception as error:
        return ("raised", (type(error).__name__ + ": " + str(error))[:200])


def answer(model, name, inputs):
    method, _, variant = name.partition(":")
    X = inputs.get(method, inputs.get("X"))
    if variant:
        return model.predict(X, **{variant: True})
    if method.startswith("staged"):
        return list(itertools.islice(getattr(model, method)(X), 3))
    if method == "sample":
        return model.sample(5, random_state=0) if hasattr(model, "tree_") else model.sample(5)
    if method == "get_feature_names_out":
        return model.get_feature_names_out()
    if method == "inverse_transform" and method not in inputs:
        return model.inverse_transform(model.transform(inputs.get("transform", X)))
    return getattr(model, method)(X)


def neutral(value, arrays):
    """Give an answer as JSON; its arrays are added to a list."""
    if scipy.sparse.issparse(value):
        matrix = value.tocsr().copy()
        matrix.sum_duplicates()
        parts = [matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data]
        shape = {"$tuple": [int(length) for length in value.shape]}
        return {"$tuple": ["sparse", value.format, shape] + [neutral(part, arrays) for part in parts]}
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "SO":
            shape = {"$tuple": list(value.shape)}
            items = [neutral(item, arrays) for item in value.ravel().tolist()]
            return {"$tuple": ["objects", shape, items]}
        arrays.append(np.asarray(value))
        return {"$array": len(arrays) - 1}
    if isinstance(value, np.generic):
        return neutral(np.asarray(value), arrays)
    if isinstance(value, dict):
        pairs = [{"$tuple": [neutral(key, arrays), neutral(item, arrays)]} for key, item in value.items()]
        return {"$tuple": ["mapping", pairs]}
    if isinstance(value, tuple) and value[:1] == ("raised",):
        return {"$tuple": list(value)}
    if isinstance(value, (list, tuple)):
        return {"$tuple": [type(value).__name__, [neutral(item, arrays) for item in value]]}
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if value is None or isinstance(value, (bool, int, float, type(""))):
        return value
    return {"$tuple": ["other", repr(value)]}


def save(recipe, folder):
    """Write one model and its answers; give what stands around the arrays of those."""
    model = fit(recipe)
    path = os.path.join(folder, re.sub("[^A-Za-z0-9_=.,-]", "_", recipe["name"]))
    for suffix, protocol in ((".2.pkl", 2), (".pkl", pickle.HIGHEST_PROTOCOL)):
        with open(path + suffix, "wb") as file:
            pickle.dump(model, file, protocol)
    joblib().dump(model, path + ".joblib", compress=3)
    arrays = []
    inputs = {key: make(recipe["inputs"][key]) for key in recipe["inputs"]}
    answers = answers_of(model, inputs)
    answers = {name: neutral(answers[name], arrays) for name in answers}
    np.savez_compressed(path + ".npz", **{"a" + str(number): array for number, array in enumerate(arrays)})
    return answers


def joblib():
    for place in ("joblib", "sklearn.externals.joblib"):
        try:
            return importlib.import_module(place)
        except ImportError:
            continue
    raise Missing("joblib")


def enable_what_is_experimental():
    for name in ("enable_iterative_imputer", "enable_hist_gradient_boosting", "enable_halving_search_cv"):
        try:
            importlib.import_module("sklearn.experimental." + name)
        except ImportError:
            continue


def in_a_process_of_its_own(recipe, folder):
    """Make one model where it may crash, or take no end: some old releases do."""
    ends = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ends[0])
        signal.alarm(MOST_SECONDS)
        try:
            found = {"answers": save(recipe, folder)}
        except Exception as error:
            found = {"none": (type(error).__name__ + ": " + str(error))[:200]}
        with os.fdopen(ends[1], "wb") as file:
            file.write(json.dumps(found).encode("utf-8"))
        os._exit(0)
    os.close(ends[1])
    with os.fdopen(ends[0], "rb") as file:
        text = file.read().decode("utf-8")
    os.waitpid(child, 0)
    return json.loads(text) if text else {"none": "it crashed, or took too long"}


def main(recipes, folder):
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    enable_what_is_experimental()
    index = {}
    for recipe in json.loads(open(recipes, "rb").read().decode("utf-8")):
        index[recipe["name"]] = in_a_process_of_its_own(recipe, folder)
    version = importlib.import_module("sklearn").__version__
    with open(os.path.join(folder, "index.json"), "wb") as file:
        file.write(json.dumps({"scikit-learn": version, "models": index}).encode("utf-8"))
    written = [name for name in index if "answers" in index[name]]
    print("scikit-learn {}: {} of {}".format(version, len(written), len(index)))


if __name__ == "__main__":
    main(*sys.argv[1:])
