"""The commonest opcodes, read in one function each for new and old protocols: five times as fast as one by one.

Both stop behind the byte `PickleStack.fast_end`, up to which no budget and no byte can come to an end within an opcode,
and no frame within all but the last: its offset is left in the machine, which looks at it. Whatever is not quite
ordinary - a value or an entry is missing, a text has surrogates - is left to the handlers, which read one opcode each;
what these two functions read, the handlers read as the same.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hermetic.formats.pickle_nodes import Call
from hermetic.formats.pickle_quick import QUICK
from hermetic.formats.pickle_stack import MOST_MARKS

__all__ = ["read_common", "read_common_of_old"]

_read_signed = struct.Struct("<i").unpack_from
_read_unsigned = struct.Struct("<I").unpack_from
_SHORT = 255  # longer texts do not count as opcodes


def read_common(machine: Any, handlers: list[Callable[[Any], None]]) -> None:
    """Read opcodes of protocols 4 and 5 up to ``machine.fast_end``, or up to one that is not quite ordinary.

    Parameters
    ----------
    machine : PickleMachine
        Left at the first opcode that was not read. Its memo has no gaps.
    handlers : list of function
        What reads an opcode that is not among the commonest, by its byte.
    """
    cursor, memo, levels, replaced = machine.cursor, machine.memo, machine.levels, machine.replaced
    data, recalled, stack = cursor.data, machine.recalled, machine.stack
    start = position = cursor.position
    end, quick = machine.fast_end, QUICK[machine.protocol]
    with suppress(IndexError, UnicodeDecodeError):
        while position < end:
            code = data[position]
            while code == 0x8C and (after := position + 2 + data[position + 1]) <= end:  # SHORT_BINUNICODE, MEMOIZE
                text = data[position + 2 : after].decode()
                stack.append(text)
                if data[after] == 0x94:
                    memo.append(text)
                    after += 1
                code = data[position := after]
            start = position
            if code == 0x68 or code == 0x6A:  # BINGET, LONG_BINGET
                value = memo[data[position + 1] if code == 0x68 else _read_unsigned(data, position + 1)[0]]
                if type(value) is Call and value.number in replaced:
                    break
                stack.append(value)
                recalled.append(value)
                position += 2 if code == 0x68 else 5
            elif code == 0x94:  # MEMOIZE
                memo.append(stack[-1])
                position += 1
            elif code == 0x4B:  # BININT1
                stack.append(data[position + 1])
                position += 2
            elif code == 0x4D:  # BININT2
                stack.append(data[position + 1] | data[position + 2] << 8)
                position += 3
            elif code == 0x4A:  # BININT
                stack.append(_read_signed(data, position + 1)[0])
                position += 5
            elif code == 0x4E:  # NONE
                stack.append(None)
                position += 1
            elif code == 0x28 and len(levels) < MOST_MARKS:  # MARK
                levels.append(stack)
                machine.stack = stack = []
                position += 1
            elif after := quick[code](machine, stack, position, end):
                position, stack, end = after, machine.stack, machine.fast_end
            else:
                machine.offset, cursor.position = position, position + 1
                handlers[code](machine)
                position, stack, end = cursor.position, machine.stack, machine.fast_end
    machine.offset, cursor.position = start, position


def read_common_of_old(machine: Any, handlers: list[Callable[[Any], None]]) -> None:
    """Read opcodes of protocols 0 to 3 up to ``machine.fast_end``, or up to one that is not quite ordinary.

    Parameters
    ----------
    machine : PickleMachine
        Left at the first opcode that was not read.
    handlers : list of function
        What reads an opcode that is not among the commonest, by its byte.
    """
    cursor, memo, levels, replaced = machine.cursor, machine.memo, machine.levels, machine.replaced
    data, recalled, stack = cursor.data, machine.recalled, machine.stack
    start = position = cursor.position
    end, quick = machine.fast_end, QUICK[machine.protocol]
    with suppress(IndexError, UnicodeDecodeError):
        while position < end:
            code = data[position]
            if code == 0x58:  # BINUNICODE
                length = _read_unsigned(data, position + 1)[0]
                if length <= _SHORT and (after := position + 5 + length) <= end:
                    stack.append(data[position + 5 : after].decode())
                    code = data[position := after]
            start = position
            if code == 0x72 and _read_unsigned(data, position + 1)[0] == len(memo):  # LONG_BINPUT
                memo.append(stack[-1])
                position += 5
            elif code == 0x71 and data[position + 1] == len(memo):  # BINPUT
                memo.append(stack[-1])
                position += 2
            elif code == 0x4A:  # BININT
                stack.append(_read_signed(data, position + 1)[0])
                position += 5
            elif code == 0x4B:  # BININT1
                stack.append(data[position + 1])
                position += 2
            elif code == 0x68 or code == 0x6A:  # BINGET, LONG_BINGET
                value = memo[data[position + 1] if code == 0x68 else _read_unsigned(data, position + 1)[0]]
                if type(value) is Call and value.number in replaced:
                    break
                stack.append(value)
                recalled.append(value)
                position += 2 if code == 0x68 else 5
            elif code == 0x4D:  # BININT2
                stack.append(data[position + 1] | data[position + 2] << 8)
                position += 3
            elif code == 0x4E:  # NONE
                stack.append(None)
                position += 1
            elif code == 0x28 and len(levels) < MOST_MARKS:  # MARK
                levels.append(stack)
                machine.stack = stack = []
                position += 1
            elif after := quick[code](machine, stack, position, end):
                position, stack, end = after, machine.stack, machine.fast_end
            else:
                machine.offset, cursor.position = position, position + 1
                handlers[code](machine)
                position, stack, end = cursor.position, machine.stack, machine.fast_end
    machine.offset, cursor.position = start, position
