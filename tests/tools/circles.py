#!/usr/bin/env python3
"""circles.py BUILD: prints each circle of calls between the files of a command
and common/, and each call from common/ up into a command, by the symbols of the
objects in BUILD whose sources are there. Status 1 when there are any."""
import functools
import os
import subprocess
import sys
from glob import glob

build = sys.argv[1]
root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")


def objects(pattern):
    """The files that match, by name, of those whose source is there."""
    names = (o[len(build) + 1 : -2] for o in glob(f"{build}/{pattern}"))
    return sorted(n for n in names if os.path.exists(f"{root}/{n}.c"))


@functools.cache
def symbols(name):
    """The functions and data that an object defines, and that it wants."""
    lines = subprocess.run(
        ["nm", "-P", f"{build}/{name}.o"], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    pairs = [line.split()[:2] for line in lines]
    return (
        {s for s, kind in pairs if kind in "BDRTV"},
        {s for s, kind in pairs if kind == "U"},
    )


def calls(names):
    """Of each object the others that it calls."""
    table = {n: symbols(n) for n in names}
    home = {s: n for n, (defined, _) in table.items() for s in defined}
    return {
        n: {home[s] for s in wanted if home.get(s, n) != n}
        for n, (_, wanted) in table.items()
    }


def path(graph, start):
    """The shortest way from start back to it, or None."""
    came = {}
    queue = [start]
    for n in queue:
        for m in sorted(graph[n]):
            if m == start:
                way = [start]
                while n != start:
                    way.append(n)
                    n = came[n]
                return [start] + way[::-1]
            if m not in came:
                came[m] = n
                queue.append(m)
    return None


common = objects("common/*.o")
commands = sorted({os.path.dirname(n) for n in objects("cmd/*/*.o")})
if not common or len(commands) < 2:
    sys.exit(f"{build}: no objects")
wrong = set()
for command in commands:
    own = objects(f"{command}/*.o")
    graph = calls(common + own)
    for name in own + common:
        circle = path(graph, name)
        if circle and min(circle) == name:
            wrong.add("circle: " + " ".join(circle))
    for name in common:
        wrong.update(f"up: {name} {up}" for up in graph[name] & set(own))
for line in sorted(wrong):
    print(line)
sys.exit(bool(wrong))
