"""What the functions that write LLVM code take and give, in short names: Numba has no types."""

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir

Context = Any  # Numba's typing context, or its target context
NumbaType = Any  # the type of an argument: an array, a tuple, a number
Signature = Any  # Numba's signature of a call: args, return_type
Values = Sequence[ir.Value]  # the arguments of a call, in LLVM
# the signature of a call, and the function that writes its code
Lowered = tuple[Signature, Callable[[Context, ir.IRBuilder, Signature, Values], ir.Value]]
