"""From a module of LLVM's language to machine code, and from machine code to functions."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from transport_model.errors import ComputationError

if TYPE_CHECKING:
    from transport_model.kernels.functions import Module

#: How hard LLVM tries to write good machine code. At 2 a dense Jacobian of 50 states takes it twice
#: as long, and no kernel is any faster.
LEVEL = 1


@dataclass(frozen=True)
class Machine:
    """What this computer's processor is to the compiler.

    Attributes
    ----------
    name, features
        As LLVM calls them.
    width
        How many numbers a vector register holds.
    """

    name: str
    features: str
    width: int


@lru_cache(maxsize=1)
def this_machine() -> Machine:
    """Return the processor of this computer.

    Raises
    ------
    ComputationError
        LLVM writes no machine code for it.
    """
    llvm = _llvm()
    found = llvm.get_host_cpu_features()
    width = 8 if found.get("avx512f") else 4 if found.get("avx2") else 2
    return Machine(llvm.get_host_cpu_name(), found.flatten(), width)


@lru_cache(maxsize=1)
def _llvm() -> Any:
    """Return LLVM, ready to write and load machine code."""
    try:
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        llvm.Target.from_default_triple()
    except (ImportError, OSError, RuntimeError) as error:
        raise ComputationError(f"kernels cannot be compiled on this machine ({error})") from None
    # Functions of the C library that machine code may call, one lane after the other
    library = ctypes.CDLL(None)
    for name in FOREIGN:
        address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
        llvm.add_symbol(name, address)
    return llvm


#: Functions that are called lane by lane; all of them are of one number.
FOREIGN = ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh",
           "atanh")  # fmt: skip


def _target() -> Any:
    machine = this_machine()
    return (
        _llvm()
        .Target.from_default_triple()
        .create_target_machine(cpu=machine.name, features=machine.features, opt=LEVEL, jit=True)
    )


def object_code(module: Module) -> bytes:
    """Return the machine code of a module as an object file.

    Raises
    ------
    ComputationError
        LLVM refuses the module.
    """
    target, llvm = _target(), _llvm()
    try:
        parsed = llvm.parse_assembly(str(module.module))
        parsed.verify()
    except RuntimeError as error:
        first = str(error).strip().partition("\n")[0]
        raise ComputationError(f"a kernel does not compile: {first}") from None
    builder = llvm.create_pass_builder(target, llvm.create_pipeline_tuning_options(LEVEL))
    # Values are shared already, so that nothing is left to optimise but to keep them in registers
    passes = llvm.create_new_module_pass_manager()
    passes.add_sroa_pass()
    passes.add_simplify_cfg_pass()
    passes.run(parsed, builder)
    return target.emit_object(parsed)


class Loaded:
    """Machine code in memory, for as long as this lives.

    Parameters
    ----------
    code
        An object file, as :func:`object_code` makes it.

    Raises
    ------
    ComputationError
        It is none, or calls what is not there.
    """

    def __init__(self, code: bytes) -> None:
        llvm = _llvm()
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target())
        try:
            self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
            self._engine.finalize_object()
        except RuntimeError as error:
            raise ComputationError(f"machine code cannot be loaded ({error})") from None

    def function(self, name: str, arguments: Sequence[str]) -> Callable[..., None]:
        """Return a function, whose arguments are whole numbers where their names are in capitals.

        It keeps the machine code in memory, and does not hold Python's lock.

        Raises
        ------
        ComputationError
            There is no such function.
        """
        address = self._engine.get_function_address(name)
        if not address:
            raise ComputationError(f"machine code has no function '{name}'")
        kinds = [ctypes.c_int64 if each.isupper() else ctypes.c_void_p for each in arguments]
        function = ctypes.CFUNCTYPE(None, *kinds)(address)
        function.loaded = self  # pyright: ignore[reportAttributeAccessIssue]
        return function
