"""What one of a foreign class reduces to, in the fields of `hermetic.codecs.foreign`, and what has no place there.

This is the half that looks at live objects: Python's own protocol (``copyreg``, ``__reduce_ex__``, ``__getstate__``)
is asked, and every answer that the other half could not follow safely is refused with what to do about it.
"""

from __future__ import annotations

import copyreg
import enum
import types
from inspect import getattr_static
from typing import Any

from hermetic.codecs.codec import class_path
from hermetic.codecs.functions import KNOWN_VALUE_TYPES, Called, find_foreign, main_edit, name_of_function
from hermetic.codecs.refused import REFUSED
from hermetic.errors import CannotSave
from hermetic.lazy import numpy as np

__all__ = ["NEVER_CALLED", "check_importable", "is_protected", "reduce_instance", "refuse_what_lives"]

_REMOVE = "Remove the attribute before saving, or leave it out in __getstate__ of the class that holds it."
_LIVING = {
    "_ctypes._CData": ("a ctypes object, which is memory of this process", "Store its value as a number or as bytes."),
    "_io._IOBase": ("an open file", "Store its path, and open the file where it is used."),
    "_socket.socket": ("a socket", _REMOVE),
    "_thread.RLock": ("a lock", _REMOVE),
    "_thread._local": ("storage of one thread", _REMOVE),
    "_thread.lock": ("a lock", _REMOVE),
    "builtins.async_generator": ("a running generator", "Store a list of its items."),
    "builtins.builtin_function_or_method": ("a method of an object", "Store the object and the method's name."),
    "builtins.code": ("compiled code", _REMOVE),
    "builtins.coroutine": ("a running coroutine", _REMOVE),
    "builtins.frame": ("a frame of a running function", _REMOVE),
    "builtins.generator": ("a running generator", "Store a list of its items."),
    "builtins.mappingproxy": ("a read-only view of a dictionary", "Store a copy: dict(...)."),
    "builtins.memoryview": ("a view of another object's memory", "Store a copy: bytes(...)."),
    "builtins.method": ("a method of an object", "Store the object and the method's name, and get the method at use."),
    "builtins.method-wrapper": ("a method of an object", "Store the object and the method's name."),
    "builtins.module": ("a module", "Store its name, and import it where it is used."),
    "builtins.traceback": ("a traceback", "Store its text."),
    "operator.attrgetter": ("a getter of any attribute by name", "Write it as a named function (def)."),
    "operator.methodcaller": ("a call of any method by name", "Write it as a named function (def)."),
    "threading.Thread": ("a thread", _REMOVE),
    "weakref.ReferenceType": ("a weak reference", "Store the object itself, or leave it out in __getstate__."),
}
# Whoever may call one of these may do anything: a file that needs it could not be reviewed.
_DANGEROUS = """
    builtins.__import__ builtins.compile builtins.eval builtins.exec builtins.getattr builtins.open builtins.setattr
    importlib.import_module marshal.loads operator.attrgetter operator.methodcaller os.system pickle.loads
    _io.open io.open _operator.attrgetter _operator.methodcaller _pickle.loads nt.system posix.system
    builtins.delattr builtins.globals builtins.locals builtins.vars builtins.breakpoint builtins.input
    code.interact codecs.open ctypes.CDLL joblib.load joblib.numpy_pickle.load nt.startfile os.execv os.execve os.popen
    os.posix_spawn os.remove os.rename os.spawnv os.startfile os.unlink pandas.read_pickle pdb.run pickle.load
    _pickle.load posix.execv posix.execve posix.posix_spawn posix.remove posix.rename posix.unlink pty.spawn
    runpy.run_module runpy.run_path shutil.copy shutil.move shutil.rmtree subprocess.Popen subprocess.call
    subprocess.check_call subprocess.check_output subprocess.getoutput subprocess.run timeit.timeit torch.load
    types.CodeType types.FunctionType webbrowser.open
"""
NEVER_CALLED = frozenset(_DANGEROUS.split())
_METHODS = (types.FunctionType, types.MethodDescriptorType, types.WrapperDescriptorType, classmethod, staticmethod)


def refuse_what_lives(instance: Any) -> None:
    """Refuse an object that is bound to this process, with what to store in its place.

    Parameters
    ----------
    instance : object
        Of a class that no codec knows.

    Raises
    ------
    CannotSave
        For open files, locks, methods, modules, running generators and the like.

    Examples
    --------
    >>> refuse_what_lives(memoryview(b""))
    Traceback (most recent call last):
    hermetic.errors.CannotSave: a view of another object's memory cannot be kept
      Store a copy: bytes(...).
    """
    for base in type(instance).__mro__:
        place = f"{base.__module__}.{base.__qualname__}"
        words = _LIVING.get(place) or REFUSED.get(place)
        if words is not None:
            raise CannotSave(f"{words[0]} cannot be kept", next_step=words[1])


def check_importable(kind: type) -> str:
    """Give a foreign class's name, or refuse one that could not be found again.

    Parameters
    ----------
    kind : type
        The class.

    Returns
    -------
    str
        As in `hermetic.codecs.codec.class_path`.

    Raises
    ------
    CannotSave
        For classes of ``__main__``, of functions, and such as stand under another name.

    Examples
    --------
    >>> from argparse import Namespace
    >>> check_importable(Namespace)
    'argparse.Namespace'
    """
    name = class_path(kind)
    if name in KNOWN_VALUE_TYPES:
        return name
    if kind.__module__ == "__main__":
        raise CannotSave(
            f"the class {kind.__qualname__} is defined in __main__, the running script",
            next_step=main_edit(kind.__qualname__),
        )
    if "<locals>" in kind.__qualname__:
        raise CannotSave(
            f"the class {name} is defined inside a function",
            next_step="Move it to the top level of a module that can be imported.",
        )
    try:
        found = find_foreign(name)
    except (ImportError, AttributeError, KeyError, ValueError):
        found = None
    if found is kind:
        return name
    if kind.__module__ == "builtins":
        raise CannotSave(f"a {kind.__name__} lives in this process only and cannot be kept", next_step=_REMOVE)
    raise CannotSave(
        f"importing {name} does not give the class of this object",
        next_step="Make the class importable under its own name.",
    )


def reduce_instance(instance: Any) -> dict[str, Any]:
    """Give the fields of one object.

    Parameters
    ----------
    instance : object
        Of an importable class.

    Returns
    -------
    dict of str to object
        As in the docstring of `hermetic.codecs.foreign`.

    Raises
    ------
    CannotSave
        When the class's protocol fails or gives what has no place in a file.

    Examples
    --------
    >>> from argparse import Namespace
    >>> reduce_instance(Namespace(verbose=True))
    {'state': {'verbose': True}}
    """
    kind = type(instance)
    if isinstance(instance, enum.Enum):
        is_named = kind.__members__.get(str(instance.name)) is instance
        return {"form": "member", **({"member": instance.name} if is_named else {"value": instance.value})}
    call, arguments, state, items, pairs = _reduction(instance)
    if isinstance(instance, np.ndarray) and call is np.empty(0).__reduce__()[0] and arguments[0] is kind:
        return _array_fields(instance, state)
    fields = _constructor(instance, call, arguments)
    if state is not None:
        fields.update(_state_fields(kind, state))
    if items is not None and (listed := list(items)):
        fields["items"] = listed
    if pairs is not None and (paired := dict(pairs)):
        fields["pairs"] = paired
    return fields


def _reduction(instance: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Ask as pickle does: ``copyreg`` first, then the object."""
    kind = type(instance)
    reducer = copyreg.dispatch_table.get(kind)
    try:
        reduced: Any = reducer(instance) if reducer is not None else instance.__reduce_ex__(4)
    except CannotSave:
        raise
    except Exception as error:
        raise CannotSave(
            f"{class_path(kind)} cannot be reduced to data: {error}",
            next_step="Define __getstate__ and __setstate__ on the class.",
        ) from error
    if type(reduced) is not tuple or not 2 <= len(reduced) <= 6 or (len(reduced) == 6 and reduced[5] is not None):
        raise CannotSave(
            f"{class_path(kind)}.__reduce_ex__ gives a form that has no place in a file",
            next_step="Let it give (class, arguments, state).",
        )
    call, arguments, state, items, pairs, _ = (*reduced, None, None, None, None)[:6]
    if type(arguments) is not tuple:
        raise CannotSave(f"{class_path(kind)}.__reduce_ex__ gives arguments that are no tuple")
    return call, arguments, state, items, pairs


def _constructor(instance: Any, call: Any, arguments: tuple[Any, ...]) -> dict[str, Any]:
    kind = type(instance)
    if call is getattr(copyreg, "__newobj__", None) and arguments[0] is kind:
        return {"arguments": arguments[1:]} if len(arguments) > 1 else {}
    if call is getattr(copyreg, "__newobj_ex__", None) and arguments[0] is kind:
        return {"arguments": arguments[1], "keywords": arguments[2]}
    if call is getattr(copyreg, "_reconstructor", None) and arguments == (kind, object, None):
        return {}
    if call is kind and isinstance(instance, (set, frozenset)) and len(arguments) == 1 and type(arguments[0]) is list:
        # The list is in the order of this process's hash seed; a set is stored in an order of its own.
        return {"form": "members", "members": frozenset(arguments[0])}
    if call is kind:
        return {"form": "call", "arguments": arguments}
    name = class_path(call) if isinstance(call, type) else name_of_function(call)
    if name in NEVER_CALLED:
        raise CannotSave(
            f"{class_path(kind)}.__reduce_ex__ calls {name}, which could do anything with what a file gives it",
            next_step="Let __reduce__ give (class, arguments), or define __getstate__ and __setstate__.",
        )
    return {"call": Called(call), "arguments": arguments}


def _state_fields(kind: type, state: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if hasattr(kind, "__setstate__"):
        return {"state": state}
    if type(state) is tuple and len(state) == 2:
        state, slots = state
        if slots:
            wrong = [
                slot for slot in slots if not isinstance(getattr_static(kind, slot, None), types.MemberDescriptorType)
            ]
            if wrong:
                raise _hides(kind, wrong[0])
            fields["slots"] = slots
    if state is None:
        return fields
    if not isinstance(state, dict):
        raise CannotSave(
            f"{class_path(kind)} has a state of type {type(state).__name__}, and no __setstate__ to take it",
            next_step="Define __setstate__ on the class.",
        )
    for key in state:
        if is_protected(kind, key):
            raise _hides(kind, key)
    return {**fields, "state": state}


def is_protected(kind: type, key: Any) -> bool:
    """Tell whether an entry of an object's ``__dict__`` would stand in the place of a method or of a special name.

    Parameters
    ----------
    kind : type
        The object's class.
    key : object
        The name of the entry.

    Returns
    -------
    bool
        False for what hides a default of the class, or a cached property.

    Examples
    --------
    >>> from argparse import Namespace
    >>> is_protected(Namespace, "_get_kwargs"), is_protected(Namespace, "verbose")
    (True, False)
    """
    if type(key) is not str or (key.startswith("__") and key.endswith("__")):
        return True
    return isinstance(getattr_static(kind, key, None), _METHODS)


def _hides(kind: type, key: Any) -> CannotSave:
    return CannotSave(
        f"an object of {class_path(kind)} has its own {key!r}, which hides what the class defines",
        next_step="Give the attribute another name.",
    )


def _array_fields(instance: Any, state: tuple[Any, ...]) -> dict[str, Any]:
    """Give an array of a subclass: what it adds to numpy's state, or the ``__dict__`` that numpy would lose."""
    kind: Any = type(instance)
    fields: dict[str, Any] = {"form": "array", "array": instance.view(np.ndarray)}
    if len(state) > 5:
        fields["extra"] = tuple(state[5:])
    if kind.__reduce__ is np.ndarray.__reduce__ and getattr(instance, "__dict__", None):
        fields.update(_state_fields_of_array(kind, dict(vars(instance))))
    return fields


def _state_fields_of_array(kind: type, attributes: dict[str, Any]) -> dict[str, Any]:
    for key in attributes:
        if is_protected(kind, key):
            raise _hides(kind, key)
    return {"state": attributes}
