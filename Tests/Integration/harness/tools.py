"""Tools from PyPI, which scripts/python-tools installs."""

import os
import subprocess
import unittest

from .case import ROOT


def python_tools():
    """The Python that has them; skips the test or the class where they cannot be had."""
    done = subprocess.run(
        [os.path.join(ROOT, "scripts", "python-tools")], capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode == 3:
        raise unittest.SkipTest(done.stderr.strip().splitlines()[-1])
    if done.returncode != 0:
        raise AssertionError(f"scripts/python-tools failed: {done.stderr}")
    return done.stdout.strip().splitlines()[-1]
