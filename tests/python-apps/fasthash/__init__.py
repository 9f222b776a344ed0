# SPDX-License-Identifier: Apache-2.0
from fasthash._native import digest


def main():
    print(f"{digest('barehull'):08x}")
