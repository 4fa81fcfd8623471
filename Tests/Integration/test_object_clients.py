"""The object store by programs that are not ours and know nothing of it but an address and a key: rclone, s3cmd."""

import os
import shutil
import subprocess
import unittest

from harness import ApolloTestCase, eventually
from test_blob import read, write


class ClientCase(ApolloTestCase):
    """A folder goes there and comes back, is made like another, and is removed."""

    program = None

    @classmethod
    def setUpClass(cls):
        if cls.program and not shutil.which(cls.program):
            raise unittest.SkipTest(f"{cls.program} is not installed")
        super().setUpClass()
        made = cls.platform.apollo("blob", "creds", "create", "all tests", "-o", "json").json()
        cls.key, cls.secret = made["id"], made["secret"]
        file = os.path.join(cls.platform.data, "objects.address")
        cls.address = eventually(
            lambda: os.path.exists(file) and open(file).read().strip(), "the store says where it is")
        cls.home = os.path.join(cls.directory, "home")
        os.makedirs(cls.home, exist_ok=True)

    def run_program(self, *words, code=0):
        done = subprocess.run(
            [self.program, *words], capture_output=True, text=True, timeout=120, check=False,
            env={"PATH": os.environ["PATH"], "HOME": self.home, "LANG": "C.UTF-8", **self.variables()})
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}\n{done.stderr}")
        return done.stdout

    def variables(self):
        return {}

    def folder(self):
        folder = self.scratch("folder")
        # One of them is large enough for both to send it in parts.
        write(folder, {
            "a.txt": "1", "empty": "", "sub/ü €.bin": os.urandom(300_000), "sub/a+b c&d.txt": "x",
            "large": os.urandom(1 << 20) * 17,
        })
        return folder


class Rclone(ClientCase):
    """rclone: what its manual says for a store of the kind Other."""

    program = "rclone"

    def variables(self):
        return {
            "RCLONE_CONFIG_OURS_TYPE": "s3", "RCLONE_CONFIG_OURS_PROVIDER": "Other",
            "RCLONE_CONFIG_OURS_ENDPOINT": self.address, "RCLONE_CONFIG_OURS_ACCESS_KEY_ID": self.key,
            "RCLONE_CONFIG_OURS_SECRET_ACCESS_KEY": self.secret, "RCLONE_S3_UPLOAD_CUTOFF": "10M",
        }

    def test_a_folder_goes_there_and_comes_back(self):
        folder, back = self.folder(), self.scratch("back")
        bucket = self.unique("rclone")
        self.run_program("mkdir", f"ours:{bucket}")
        self.run_program("copy", folder, f"ours:{bucket}/in")
        self.run_program("check", "--download", folder, f"ours:{bucket}/in")
        self.run_program("check", folder, f"ours:{bucket}/in")
        self.assertIn("5", self.run_program("size", f"ours:{bucket}"))
        self.run_program("copy", f"ours:{bucket}/in", back)
        self.assertEqual(read(back) == read(folder), True)
        # The times of files are kept, as metadata.
        self.assertEqual(
            int(os.stat(os.path.join(back, "large")).st_mtime), int(os.stat(os.path.join(folder, "large")).st_mtime))

    def test_a_folder_is_made_like_another_and_moved_and_removed(self):
        folder = self.folder()
        bucket = self.unique("rclone")
        self.run_program("sync", folder, f"ours:{bucket}/in")
        os.unlink(os.path.join(folder, "a.txt"))
        write(folder, {"empty": "no more"})
        self.run_program("sync", folder, f"ours:{bucket}/in")
        listed = self.run_program("lsf", "-R", "--files-only", f"ours:{bucket}/in").splitlines()
        self.assertEqual(sorted(listed), sorted(read(folder)))
        self.assertEqual(self.run_program("cat", f"ours:{bucket}/in/empty"), "no more")
        self.run_program("moveto", f"ours:{bucket}/in/large", f"ours:{bucket}/moved")
        self.assertEqual(self.run_program("lsf", f"ours:{bucket}").split(), ["in/", "moved"])
        self.run_program("copyto", f"ours:{bucket}/moved", f"ours:{bucket}/copied")
        url = self.run_program("link", f"ours:{bucket}/in/empty").strip()
        import urllib.request

        with urllib.request.urlopen(url) as answer:
            self.assertEqual(answer.read(), b"no more")
        self.run_program("purge", f"ours:{bucket}")
        self.assertNotIn(bucket, self.run_program("lsd", "ours:"))


class S3cmd(ClientCase):
    """s3cmd: what 's3cmd --configure' asks for."""

    program = "s3cmd"

    def run_program(self, *words, code=0):
        path = os.path.join(self.home, ".s3cfg")
        if not os.path.exists(path):
            host = self.address.split("//")[1]
            with open(path, "w") as file:
                file.write(
                    f"[default]\naccess_key = {self.key}\nsecret_key = {self.secret}\nhost_base = {host}\n"
                    f"host_bucket = {host}\nuse_https = False\n")
        return super().run_program(*words, code=code)

    def test_a_folder_goes_there_and_comes_back(self):
        folder, back = self.folder(), self.scratch("back")
        bucket = self.unique("s3cmd")
        self.run_program("mb", f"s3://{bucket}")
        self.run_program("put", "--recursive", folder + "/", f"s3://{bucket}/in/")
        self.assertIn("in/large", self.run_program("ls", "--recursive", f"s3://{bucket}"))
        os.makedirs(back)
        self.run_program("get", "--recursive", f"s3://{bucket}/in/", back + "/")
        self.assertEqual(read(back) == read(folder), True)
        self.assertIn("17825792", self.run_program("info", f"s3://{bucket}/in/large"))
        self.assertIn(bucket, self.run_program("du", f"s3://{bucket}"))

    def test_a_folder_is_made_like_another_and_moved_and_removed(self):
        folder = self.folder()
        bucket = self.unique("s3cmd")
        self.run_program("mb", f"s3://{bucket}")
        self.run_program("sync", folder + "/", f"s3://{bucket}/in/")
        os.unlink(os.path.join(folder, "a.txt"))
        write(folder, {"empty": "no more"})
        self.run_program("sync", "--delete-removed", folder + "/", f"s3://{bucket}/in/")
        listed = [line.split("in/", 1)[1] for line in self.run_program("ls", "-r", f"s3://{bucket}").splitlines()]
        self.assertEqual(sorted(listed), sorted(read(folder)))
        self.run_program("mv", f"s3://{bucket}/in/large", f"s3://{bucket}/moved")
        self.run_program("cp", f"s3://{bucket}/moved", f"s3://{bucket}/copied")
        self.run_program("del", "--recursive", "--force", f"s3://{bucket}")
        self.run_program("rb", f"s3://{bucket}")
        self.assertNotIn(bucket, self.run_program("ls"))
