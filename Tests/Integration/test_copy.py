"""`apollo task cp`: files and folders from and to a running task."""

import io
import os
import resource
import tarfile

from harness import ApolloTestCase, needs

IDLE = "echo ready; while :; do sleep 0.2; done"


@needs.program("tar")
class Copy(ApolloTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.platform.api.shell(IDLE, name="web")
        cls.platform.await_output("web", "ready")

    def tree(self, root):
        os.makedirs(os.path.join(root, "inner", "empty"))
        with open(os.path.join(root, "a file"), "wb") as file:
            file.write(os.urandom(300_000))
        with open(os.path.join(root, "inner", "script"), "w") as file:
            file.write("#!/bin/sh\n")
        os.chmod(os.path.join(root, "inner", "script"), 0o755)
        os.symlink("/etc/passwd", os.path.join(root, "link"))

    def contents(self, root):
        found = {}
        for folder, folders, names in os.walk(root):
            for name in folders + names:
                path = os.path.join(folder, name)
                if os.path.islink(path):
                    kind = os.readlink(path)
                elif os.path.isdir(path):
                    kind = None
                else:
                    with open(path, "rb") as file:
                        kind = (file.read(), os.stat(path).st_mode & 0o777)
                found[os.path.relpath(path, root)] = kind
        return found

    def test_folders_come_and_go_with_all_that_is_in_them(self):
        source, there, back = self.scratch("tree"), self.scratch("there"), self.scratch("back")
        self.tree(source)
        self.assertCode(self.apollo("task", "cp", source, f"web:{there}"), 0)
        self.assertEqual(self.contents(there), self.contents(source))
        self.assertCode(self.apollo("task", "cp", f"web:{there}", back), 0)
        self.assertEqual(self.contents(back), self.contents(source))
        # Into a folder that is there it goes under its own name.
        self.assertCode(self.apollo("task", "cp", f"web:{there}", os.path.dirname(source)), 0)
        self.assertEqual(self.contents(os.path.join(os.path.dirname(source), "there")), self.contents(source))
        self.assertCode(self.apollo("task", "cp", source, f"web:{os.path.dirname(back)}"), 0)
        self.assertEqual(self.contents(os.path.join(os.path.dirname(back), "tree")), self.contents(source))

    def test_a_large_file_takes_little_memory(self):
        source, back = self.scratch("large"), self.scratch("back")
        with open(source, "wb") as file:
            for _ in range(100):
                file.write(os.urandom(1 << 20))
        # Of the largest child so far, in KiB; the platform itself is one that has not ended.
        self.assertCode(self.apollo("task", "cp", f"web:{source}", back), 0)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.assertLess(peak, 300 << 10)
        with open(source, "rb") as one, open(back, "rb") as other:
            self.assertTrue(one.read() == other.read())

    def test_what_is_wrong_is_said(self):
        here = self.scratch("here")
        for code, words, said in (
            (2, ("/etc/passwd", here), "one of the two"),
            (2, ("web:/a", "web:/b"), "one of the two"),
            (65, ("web:/no/such/file", here), "reading /no/such/file failed"),
            (65, ("/no/such/file", "web:/tmp/x"), "cannot read '/no/such/file'"),
            (65, ("/etc/passwd", "web:/no/such/folder/x"), "writing /no/such/folder/x failed"),
            (65, ("web:/", here), "names no file or folder"),
            (66, ("nobody:/etc/passwd", here), "no task 'nobody'"),
        ):
            outcome = self.apollo("task", "cp", *words)
            self.assertCode(outcome, code)
            self.assertSays(outcome.err, said)
        self.assertFalse(os.path.exists(here))

    def test_an_archive_of_a_stranger_writes_nothing_elsewhere(self):
        outside = self.scratch("outside")
        link = ("d", tarfile.SYMTYPE, os.path.dirname(outside))
        for number, members in enumerate(
            (
                [("../escaped", tarfile.REGTYPE, "")],
                [("/tmp/escaped-apollo", tarfile.REGTYPE, "")],
                [("d/../../escaped", tarfile.REGTYPE, "")],
                [link, ("d/outside", tarfile.REGTYPE, "")],
                [("d", tarfile.DIRTYPE, ""), ("d/link", *link[1:]), ("d/link/outside", tarfile.REGTYPE, "")],
                [("d", tarfile.FIFOTYPE, "")],
            )
        ):
            archive = io.BytesIO()
            with tarfile.open(fileobj=archive, mode="w") as tar:
                for name, kind, target in members:
                    info = tarfile.TarInfo(name)
                    info.type, info.linkname, info.size = kind, target, 4 if kind == tarfile.REGTYPE else 0
                    tar.addfile(info, io.BytesIO(b"evil") if info.size else None)
            tools = os.path.dirname(self.scratch("x"))
            with open(os.path.join(tools, "archive"), "wb") as file:
                file.write(archive.getvalue())
            with open(os.path.join(tools, "tar"), "w") as file:
                file.write(f"#!/bin/sh\nexec cat {tools}/archive\n")
            os.chmod(os.path.join(tools, "tar"), 0o755)
            name = self.unique("evil")
            self.api.shell(IDLE, name=name, environment={"PATH": f"{tools}:/usr/bin:/bin"})
            self.platform.await_output(name, "ready")
            place = os.path.dirname(self.scratch("x"))
            outcome = self.apollo("task", "cp", f"{name}:/d", place)
            self.assertNotEqual(outcome.code, 0, f"{number}: {outcome!r}")
            self.assertFalse(os.path.exists(outside), number)
            self.assertFalse(os.path.exists("/tmp/escaped-apollo"), number)
            self.assertFalse(os.path.exists(os.path.join(os.path.dirname(place), "escaped")), number)
            self.apollo("task", "stop", "--grace", "0", name)
