"""What the store and its clients take of memory does not depend on how large objects are.

APOLLO_OBJECT_GIB says how large the object is.
"""

import http.client
import os
import subprocess

from test_objects import ObjectCase

GIB = 1 << 30
SIZE = int(os.environ.get("APOLLO_OBJECT_GIB", "1")) * GIB
LIMIT = 100 << 20
BLOCK = bytes(1 << 20)


def peak(pid):
    """The most memory that a process has had so far, in bytes; 0 where it is gone."""
    try:
        with open(f"/proc/{pid}/status") as file:
            return next((int(line.split()[1]) << 10 for line in file if line.startswith("VmHWM")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


class ObjectMemory(ObjectCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = cls.platform.apollo("blob", "mkbucket", "large")
        assert made.code == 0, made

    def run_watched(self, *words):
        """Runs a command, which has to succeed, and returns the most memory that it was seen with."""
        process = self.apollo.start(*words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        most = 0
        while True:
            most = max(most, peak(process.pid))
            try:
                self.assertEqual(process.wait(timeout=0.02), 0, words)
                return most
            except subprocess.TimeoutExpired:
                continue

    def assertFlat(self, memory, what):
        self.assertGreater(memory, 0, what)
        self.assertLess(memory, LIMIT, f"{what} took so much memory for an object of {SIZE >> 30} GiB")

    def test_an_upload_in_parts_and_its_download_take_little(self):
        path = self.scratch("large")
        with open(path, "wb") as file:
            file.truncate(SIZE)
        self.addCleanup(self.apollo, "blob", "rm", "s3://large/parts")
        self.assertFlat(self.run_watched("blob", "cp", path, "s3://large/parts"), "the client that uploads")
        self.assertFlat(peak(self.platform.process.pid), "the store that is uploaded to")
        self.assertEqual(self.apollo("blob", "stat", "s3://large/parts", "-o", "json").json()[0]["size"], SIZE)
        self.assertFlat(self.run_watched("blob", "cat", "s3://large/parts"), "the client that downloads")
        self.assertFlat(peak(self.platform.process.pid), "the store that is downloaded from")

    def test_one_long_request_each_way_takes_little(self):
        # The longest that S3 knows.
        size = min(SIZE, 5 * GIB)
        connection = http.client.HTTPConnection(self.store.split("//")[1], timeout=300)
        self.addCleanup(connection.close)
        self.addCleanup(self.apollo, "blob", "rm", "s3://large/one")
        headers = {"Authorization": f"Bearer {self.platform.token}", "Content-Length": str(size)}
        connection.request("PUT", "/large/one", body=(BLOCK for _ in range(size >> 20)), headers=headers)
        self.assertEqual(connection.getresponse().read(), b"")
        self.assertFlat(peak(self.platform.process.pid), "the store that is written to")
        del headers["Content-Length"]
        connection.request("GET", "/large/one", headers=headers)
        answer = connection.getresponse()
        (received, buffer) = (0, bytearray(1 << 20))
        while count := answer.readinto(buffer):
            received += count
        self.assertEqual((answer.status, received), (200, size))
        self.assertFlat(peak(self.platform.process.pid), "the store that is read from")
