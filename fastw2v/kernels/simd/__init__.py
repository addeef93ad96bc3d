"""SIMD registers: all code that is written in LLVM, each function with its NumPy twin."""
