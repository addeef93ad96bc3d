"""Vectors in SIMD registers: everything that is written in LLVM, each function with its NumPy twin."""
