# SPDX-License-Identifier: Apache-2.0
"""A module in src/ with native packages that bring libraries of their own, and with data beside its code."""
import ctypes.util
import importlib.metadata
import importlib.resources

import fasthash
import numpy


def main():
    matrix = numpy.array([[2.0, 1.0], [1.0, 3.0]])
    print("solution:", numpy.linalg.solve(matrix, [5.0, 10.0]).round(6).tolist())
    print("hash:", f"{fasthash.digest('barehull'):08x}")
    print("data:", importlib.resources.files("inventory").joinpath("data.txt").read_text().strip())
    print("version:", importlib.metadata.version("numpy"))
    print("C library:", ctypes.util.find_library("c"))


if __name__ == "__main__":
    main()
