#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A plain script of nothing but the standard library; says what it finds, and greets in UTF-8."""
import argparse
import asyncio
import sys

import proof


def main():
    parser = argparse.ArgumentParser(description="tells where it runs")
    parser.add_argument("part", nargs="?", default="greeting",
                        choices=["greeting", "security", "library", "interpreter", "spawn"])
    part = parser.parse_args().part
    if part == "greeting":
        print("grüße aus", sys.argv[0])
    elif part == "spawn":
        print(proof.processes("spawn"), proof.processes("forkserver"), asyncio.run(proof.shell()))
    else:
        print(proof.text(part))


if __name__ == "__main__":
    main()
