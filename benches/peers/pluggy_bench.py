"""Nanoseconds per call of 10 plugins that answer for one string: `python3 benches/peers/pluggy_bench.py`.

Installs `pluggy` and `pluginkit` (a library of the same name) from PyPI into a temporary folder, which it
removes.
"""

import importlib
import importlib.metadata
import platform
import statistics
import subprocess
import sys
import tempfile
import time

CALLS = 5_000
ROUNDS = 41


def library(module):
    """A manager of 10 plugins, and one that has a wrapper as well."""
    hookspec, hookimpl = module.HookspecMarker("peers"), module.HookimplMarker("peers")

    class Specs:
        @staticmethod
        @hookspec
        def score(text):
            """Scores a text."""

    class Plugin:
        def __init__(self, number):
            self.number = number

        @hookimpl
        def score(self, text):
            return self.number + len(text)

    class Around:
        @hookimpl(wrapper=True)
        def score(self, text):
            return (yield)

    def manager(*more):
        pm = module.PluginManager("peers")
        pm.add_hookspecs(Specs)
        for number in range(10):
            pm.register(Plugin(number), name=f"p{number}")
        for plugin in more:
            pm.register(plugin, name="around")
        return pm.hook.score

    return manager(), manager(Around())


def seconds(hook):
    started = time.perf_counter()
    for _ in range(CALLS):
        hook(text="text")
    return time.perf_counter() - started


def main():
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--target", folder, "pluggy", "pluginkit"], check=True)
        sys.path.insert(0, folder)
        libraries = {}
        for name in ("pluggy", "pluginkit"):
            version = importlib.metadata.version(name)
            title = f"PyPI `{name}` {version}, Python {platform.python_version()}"
            libraries[title] = library(importlib.import_module(name))
    for plain, wrapped in libraries.values():
        assert sorted(plain(text="text")) == sorted(wrapped(text="text")) == list(range(4, 14))
    times = {title: ([], []) for title in libraries}
    for _ in range(ROUNDS):
        for title, hooks in libraries.items():
            for hook, each in zip(hooks, times[title]):
                each.append(seconds(hook))
    print("| library | call, ns | with one wrapper, ns |\n|---|---|---|")
    for title, both in times.items():
        plain, wrapped = (statistics.median(each) / CALLS * 1e9 for each in both)
        print(f"| {title} | {plain:.0f} | {wrapped:.0f} |")


if __name__ == "__main__":
    main()
