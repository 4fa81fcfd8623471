"""Runs the test classes, each in a process of its own, several at a time."""

import argparse
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from . import postgresql, processes

HERE = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
# More than these that fail are no accident.
CLASSES_AGAIN = 2
CLASS_LIMIT = 420


def main():
    parser = argparse.ArgumentParser(
        prog="Tests/Integration/run", description="Tests the real program, as its users use it."
    )
    parser.add_argument("-k", metavar="PATTERN", default="", help="only tests whose class or sentence contains it")
    parser.add_argument(
        "-j", metavar="N", type=int, default=max(4, 2 * (os.cpu_count() or 1)), help="classes at once"
    )
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path.insert(0, HERE)
    if options.worker:
        return work(options.worker, options.k)
    return Run(options).run()


# MARK: One class


def work(name, pattern):
    """Runs one class; each result is a line of JSON on the standard output."""
    processes.adopt_orphans()
    module, _, cls = name.rpartition(".")
    test_class = getattr(importlib.import_module(module), cls)

    def on_signal(number, frame):
        signal.signal(number, signal.SIG_IGN)
        test_class.clean_up()
        os._exit(128 + number)

    signal.signal(signal.SIGTERM, on_signal)
    suite = unittest.TestSuite(test for test in tests_of(test_class) if matches(test, pattern))
    suite.run(Reporter())
    if hasattr(test_class, "directory"):
        test_class.clean_up()
    return 0


def tests_of(cls):
    return list(unittest.defaultTestLoader.loadTestsFromTestCase(cls))


def matches(test, pattern):
    from .case import sentence

    name = test._testMethodName
    return pattern in f"{type(test).__name__}.{name}" or pattern in sentence(name)


class Reporter(unittest.TestResult):
    """Writes each test's result as it ends."""

    def __init__(self):
        super().__init__()
        # What a test or its programs print is no result: it goes where failures are explained.
        self.results = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)

    def startTest(self, test):
        super().startTest(test)
        self.began, self.outcome, self.detail = time.monotonic(), "passed", ""

    def stopTest(self, test):
        from .case import sentence

        self.write(self.outcome, sentence(test._testMethodName), self.detail, time.monotonic() - self.began)
        super().stopTest(test)

    def write(self, outcome, name, detail, seconds=0.0):
        result = {"outcome": outcome, "name": name, "detail": detail, "seconds": seconds}
        print(json.dumps(result), file=self.results, flush=True)

    def fail(self, test, error):
        detail = self._exc_info_to_string(error, test)  # Without the frames of unittest itself.
        if not isinstance(test, unittest.TestCase):  # setUpClass or tearDownClass
            return self.write("failed", test.description, detail)
        self.outcome, self.detail = "failed", self.detail + detail

    def addError(self, test, error):
        self.fail(test, error)

    def addFailure(self, test, error):
        self.fail(test, error)

    def addSubTest(self, test, subtest, error):
        if error:
            self.detail += f"in {subtest._subDescription()}\n"
            self.fail(test, error)

    def addSkip(self, test, reason):
        if not isinstance(test, unittest.TestCase):
            return self.write("skipped", test.description, reason)
        self.outcome, self.detail = "skipped", reason


# MARK: All classes


class Run:
    def __init__(self, options):
        self.pattern, self.jobs = options.k, max(1, options.j)
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self.failures = {}  # Of each class, the names.
        self.lock = threading.Lock()
        self.workers = {}
        self.is_stopping = False

    def run(self):
        began = time.monotonic()
        processes.adopt_orphans()
        binary = self.binary()
        if not binary:
            self.count("failed")
            print(self.summary)
            return 1
        self.scratch = tempfile.mkdtemp(prefix="apollo-it.", dir="/tmp")
        os.environ.update(APOLLO_BINARY=binary, APOLLO_TEST_SCRATCH=self.scratch)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.on_signal)
        server = self.server()
        try:
            self.run_classes()
            self.run_again()
        finally:
            if server:
                server.close()
            self.clean_up()
        print(f"{time.monotonic() - began:.0f} s")
        print(self.summary, flush=True)
        return 1 if self.counts["failed"] else 0

    @staticmethod
    def server():
        """With APOLLO_TEST_DATABASE=postgresql, the server that all platforms keep their state on; else None."""
        if os.environ.get("APOLLO_TEST_DATABASE") != "postgresql":
            return None
        server = postgresql.PostgreSQL()
        os.environ[postgresql.Borrowed.VARIABLE] = f"{server.directory}:{server.port}"
        return server

    def binary(self):
        """The program to test: the one that APOLLO_BINARY names, or what the sources here make."""
        if named := os.environ.get("APOLLO_BINARY"):
            if not os.access(named, os.X_OK):
                print(f"failed: APOLLO_BINARY names {named}, which is no program")
                return None
            return os.path.abspath(named)
        build = subprocess.run(
            [os.path.join(ROOT, "scripts", "swift"), "build", "--product", "apollo"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if build.returncode != 0:
            print(build.stdout.decode(errors="replace")[-8000:])
            print("failed: the program does not build")
            return None
        return os.path.join(ROOT, ".build", "debug", "apollo")

    def classes(self):
        """The names of the classes with tests to run, those that take long first."""
        from .case import ApolloTestCase

        found = []
        for file in sorted(os.listdir(HERE)):
            if not (file.startswith("test_") and file.endswith(".py")):
                continue
            module = importlib.import_module(file[:-3])
            for value in vars(module).values():
                if not (isinstance(value, type) and issubclass(value, ApolloTestCase)):
                    continue
                if value.__module__ == module.__name__ and any(matches(t, self.pattern) for t in tests_of(value)):
                    found.append((-value.weight, f"{module.__name__}.{value.__name__}"))
        return [name for _, name in sorted(found)]

    def run_classes(self):
        waiting = self.classes()

        def take_turns():
            while not self.is_stopping:
                with self.lock:
                    if not waiting:
                        return
                    name = waiting.pop(0)
                self.run_class(name)

        threads = [threading.Thread(target=take_turns, daemon=True) for _ in range(self.jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            # In pieces: a signal's handler runs between them.
            while thread.is_alive():
                thread.join(0.2)

    def run_again(self):
        """Runs few classes that failed once more, alone. What then passes is named as flaky, and counts as passed."""
        if self.is_stopping or not 0 < len(self.failures) <= CLASSES_AGAIN:
            return
        for cls, names in self.failures.items():
            print(f"once more, alone: {cls.rpartition('.')[2]}", flush=True)
            outcomes = {}
            self.run_class(cls, lambda _, result: outcomes.update({result["name"]: result["outcome"]}))
            for name in names:
                if outcomes.get(name) == "passed":
                    print(f"flaky: {cls.rpartition('.')[2]}: {name}: it failed, and passed when it ran again alone")
                    self.counts["failed"] -= 1
                    self.counts["passed"] += 1

    def run_class(self, name, report=None):
        report = report or self.report
        worker = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "run"), "--worker", name, "-k", self.pattern],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with self.lock:
            self.workers[worker.pid] = worker
        watchdog = threading.Timer(CLASS_LIMIT, worker.terminate)
        watchdog.daemon = True
        watchdog.start()
        errors = []
        drain = threading.Thread(target=lambda: errors.append(worker.stderr.read()), daemon=True)
        drain.start()
        for line in worker.stdout:
            try:
                result = json.loads(line)
            except ValueError:
                said = line.decode(errors="replace")
                result = {"outcome": "failed", "name": "what the class said is no result", "detail": said, "seconds": 0}
            report(name, result)
        code = worker.wait()
        drain.join(5)
        watchdog.cancel()
        with self.lock:
            del self.workers[worker.pid]
        if code != 0 and not self.is_stopping:
            said = b"".join(errors).decode(errors="replace")[-4000:]
            why = f"took longer than {CLASS_LIMIT} s" if code == 128 + signal.SIGTERM else f"ended with {code}"
            report(name, {"outcome": "failed", "name": f"the class {why}", "detail": said, "seconds": 0})

    def report(self, cls, result):
        short = cls.rpartition(".")[2]
        line = f"{result['outcome']}: {short}: {result['name']}"
        if result["outcome"] == "skipped":
            line = f"skipped: {result['detail']} ({short}: {result['name']})"
        elif result["seconds"] >= 1:
            line += f" ({result['seconds']:.1f} s)"
        with self.lock:
            print(line)
            if result["outcome"] == "failed" and result["detail"]:
                print("    " + result["detail"][-6000:].rstrip().replace("\n", "\n    "))
            sys.stdout.flush()
            if result["outcome"] == "failed":
                self.failures.setdefault(cls, []).append(result["name"])
        self.count(result["outcome"])

    def count(self, outcome):
        with self.lock:
            self.counts[outcome] += 1

    @property
    def summary(self):
        return "{passed} passed, {failed} failed, {skipped} skipped".format(**self.counts)

    # Cleaning up

    def on_signal(self, number, frame):
        self.is_stopping = True
        for worker in list(self.workers.values()):
            worker.terminate()
        deadline = time.monotonic() + 40
        for worker in list(self.workers.values()):
            try:
                worker.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                pass  # Ended with everything else below.
        self.clean_up()
        os._exit(128 + number)

    def clean_up(self):
        from .case import unmount_below

        processes.end_descendants()
        unmount_below(self.scratch)
        shutil.rmtree(self.scratch, ignore_errors=True)
