"""The command line as a client of S3 stores: ours, by a token and by a key, and others. One contract for all."""

import http.client
import os
import signal
import time
import urllib.parse

from harness import ApolloTestCase, eventually
from harness.moto import Moto
from harness.proxy import GatedProxy
from harness.swift import Swift


def write(folder, files):
    for name, body in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(body if isinstance(body, bytes) else body.encode())


def read(folder):
    """All files under a folder: their contents by their paths."""
    found = {}
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = file.read()
    return found


class BlobContract:
    """What holds for every store."""

    weight = 3
    # Options and variables of commands that talk to the store.
    options = ()
    env = {}

    def blob(self, *words, code=0, env=None):
        outcome = self.platform.apollo("blob", *words, *self.options, env={**self.env, **(env or {})})
        self.assertEqual(outcome.code, code, repr(outcome))
        return outcome

    def bucket(self):
        name = self.unique("bucket")
        self.blob("mkbucket", name)
        return name

    def keys(self, bucket):
        return [entry["key"] for entry in self.blob("ls", "-r", f"s3://{bucket}", "-o", "json").json()]

    def fill(self, bucket, files):
        folder = self.scratch("files")
        write(folder, files)
        self.blob("cp", "-r", folder, f"s3://{bucket}")

    def test_objects_go_there_and_come_back(self):
        bucket = self.bucket()
        folder = self.scratch("folder")
        files = {
            "a.csv": b"1", "empty": b"", "sub/b.bin": os.urandom(700_001), "sub/deep/ü €.txt": b"x",
            "sub/q?x&y=+%20#.txt": b"q",
        }
        write(folder, files)
        self.blob("cp", "-r", folder, f"s3://{bucket}/in")
        self.assertEqual(sorted(self.keys(bucket)), sorted(f"in/{name}" for name in files))
        back = self.scratch("back")
        self.blob("cp", "-r", f"s3://{bucket}/in", back)
        self.assertEqual(read(back), files)
        self.assertEqual(self.blob("cat", f"s3://{bucket}/in/sub/b.bin").raw_out, files["sub/b.bin"])
        self.assertSays(self.blob("stat", f"s3://{bucket}/in/sub/b.bin").out, "size: 700001")
        self.assertIn(bucket, [entry["name"] for entry in self.blob("ls", "-o", "json").json()])
        self.assertEqual(
            [entry["key"] for entry in self.blob("ls", f"s3://{bucket}/in/", "-o", "json").json()],
            ["in/sub/", "in/a.csv", "in/empty"])
        size = self.blob("du", f"s3://{bucket}", "-o", "json").json()[-1]
        self.assertEqual((size["bytes"], size["objects"]), (700_004, 5))
        folders = self.blob("du", "-d", "2", f"s3://{bucket}/in/", "-o", "json").json()
        self.assertEqual(
            [(line["place"], line["objects"]) for line in folders],
            [(f"s3://{bucket}/in/sub/", 3), (f"s3://{bucket}/in/sub/deep/", 1), (f"s3://{bucket}/in/", 5)])
        self.blob("rmbucket", bucket, code=67)
        self.blob("rm", "-r", f"s3://{bucket}")
        self.blob("rmbucket", bucket)

    def test_what_is_not_there_is_told(self):
        bucket = self.bucket()
        for words in (
            ("cat", f"s3://{bucket}/none"), ("cp", f"s3://{bucket}/none", self.scratch("x")),
            ("cp", "-r", f"s3://{bucket}/none", self.scratch("x")), ("stat", f"s3://{bucket}/none"),
            ("ls", f"s3://{self.unique('none')}"), ("rm", f"s3://{bucket}/*.none"),
        ):
            with self.subTest(words=words):
                self.blob(*words, code=66)
        self.blob("rm", f"s3://{bucket}/none")
        self.blob("cp", self.scratch("none"), f"s3://{bucket}/x", code=66)

    def test_a_move_leaves_nothing_where_it_was(self):
        bucket = self.bucket()
        folder = self.scratch("folder")
        write(folder, {"a": "1", "sub/b": "2"})
        self.blob("mv", os.path.join(folder, "a"), f"s3://{bucket}/")
        self.assertEqual(read(folder), {"sub/b": b"2"})
        self.blob("mv", f"s3://{bucket}/a", f"s3://{bucket}/dir/c")
        self.assertEqual(self.keys(bucket), ["dir/c"])
        self.blob("mv", "-r", folder, f"s3://{bucket}/dir")
        self.assertEqual(read(folder), {})
        self.blob("mv", "-r", f"s3://{bucket}/dir", f"s3://{bucket}/other")
        self.assertEqual(self.keys(bucket), ["other/c", "other/sub/b"])
        back = self.scratch("back")
        self.blob("mv", "-r", f"s3://{bucket}/other", back)
        self.assertEqual(read(back), {"c": b"1", "sub/b": b"2"})
        self.assertEqual(self.keys(bucket), [])
        # What did not arrive stays.
        self.blob("mv", os.path.join(back, "c"), f"s3://{self.unique('none')}/x", code=66)
        self.assertEqual(read(back)["c"], b"1")

    def test_patterns_mean_what_matches(self):
        bucket = self.bucket()
        self.fill(bucket, {"a1.csv": "1", "a2.csv": "2", "b.txt": "3", "sub/a3.csv": "4", "x*y": "5", "xzy": "6"})
        back = self.scratch("back")
        self.blob("cp", f"s3://{bucket}/*.csv", back + "/")
        self.assertEqual(read(back), {"a1.csv": b"1", "a2.csv": b"2"})
        self.assertEqual(self.blob("cat", f"s3://{bucket}/**/a[0-2].csv").out, "12")
        self.assertEqual(self.blob("rm", "-n", f"s3://{bucket}/**.csv").out.count("would remove"), 3)
        self.blob("rm", f"s3://{bucket}/x\\*y")
        self.blob("rm", f"s3://{bucket}/**/*.csv")
        self.assertEqual(self.keys(bucket), ["b.txt", "xzy"])
        self.fill(bucket, {"dir/1": "", "dir/2.tmp": "", "dirt": ""})
        self.blob("rm", "-r", "--exclude", "*.tmp", f"s3://{bucket}/dir")
        self.assertEqual(self.keys(bucket), ["b.txt", "dir/2.tmp", "dirt", "xzy"])

    def test_a_folder_is_made_like_another(self):
        bucket = self.bucket()
        folder, back = self.scratch("folder"), self.scratch("back")
        place = f"s3://{bucket}/site"
        write(folder, {"a": "1", "b": "2", "sub/c": "3", "t.tmp": "4"})
        would = self.blob("sync", "-n", folder, place)
        self.assertEqual(would.out.count("would upload"), 4)
        self.assertEqual(self.keys(bucket), [])
        self.blob("sync", "--exclude", "*.tmp", folder, place)
        self.assertEqual(self.keys(bucket), ["site/a", "site/b", "site/sub/c"])

        def again(*words):
            return [
                (line["action"], line["target"], line.get("reason"))
                for line in self.blob("sync", *words, "-o", "json").json()]

        self.assertEqual(again("--exclude", "*.tmp", folder, place), [])
        self.assertEqual(again("--exclude", "*.tmp", "--checksum", folder, place), [])
        # Back: files have the time of their objects, so that nothing differs then, either way.
        self.blob("sync", place, back)
        self.assertEqual(read(back), {"a": b"1", "b": b"2", "sub/c": b"3"})
        self.assertEqual(again(place, back), [])
        self.assertEqual(again(back, place), [])
        # Of one size, and older: only its content tells.
        write(folder, {"a": "9"})
        os.utime(os.path.join(folder, "a"), (1, 1))
        self.assertEqual(again("--exclude", "*.tmp", folder, place), [])
        self.assertEqual(
            again("--exclude", "*.tmp", "--checksum", folder, place), [("upload", f"{place}/a", "content")])
        # Newer, larger, gone.
        write(folder, {"a": "8", "b": "22"})
        os.utime(os.path.join(folder, "a"), (time.time() + 60,) * 2)
        os.unlink(os.path.join(folder, "sub/c"))
        self.assertEqual(
            again("--delete", "--exclude", "*.tmp", folder, place),
            [
                ("upload", f"{place}/a", "newer"), ("upload", f"{place}/b", "size"), ("remove", f"{place}/sub/c", None),
            ])
        # Most stores know the second alone, and both uploads may have been within one.
        os.utime(os.path.join(back, "a"), (1, 1))
        self.blob("sync", "--delete", place, back)
        self.assertEqual(read(back), {"a": b"8", "b": b"22"})
        self.blob("sync", place, f"s3://{bucket}/copy")
        self.assertEqual(self.keys(bucket), ["copy/a", "copy/b", "site/a", "site/b"])
        # A source that is empty by mistake takes nothing with it.
        empty = self.scratch("empty")
        os.makedirs(empty)
        self.blob("sync", "--delete", empty, place, code=65)
        self.blob("sync", self.scratch("none"), place, code=66)
        self.assertEqual(len(self.keys(bucket)), 4)

    def test_a_large_file_goes_in_parts_and_is_verified(self):
        bucket = self.bucket()
        folder = self.scratch("folder")
        body = os.urandom(1 << 20) * 70 + b"end"
        write(folder, {"large": body})
        self.blob("cp", os.path.join(folder, "large"), f"s3://{bucket}/large")
        self.assertSays(self.blob("stat", f"s3://{bucket}/large").out, f"size: {len(body)}")
        self.assertEqual(self.blob("sync", "--checksum", folder, f"s3://{bucket}", "-o", "json").json(), [])
        self.blob("cp", f"s3://{bucket}/large", os.path.join(folder, "back"))
        self.assertEqual(read(folder)["back"] == body, True)
        self.assertEqual(sorted(os.listdir(folder)), ["back", "large"])

    def test_an_upload_and_a_download_go_on_where_they_broke_off(self):
        bucket = self.bucket()
        folder = self.scratch("folder")
        body = os.urandom(1 << 20) * 96
        write(folder, {"large": body})
        large, back = os.path.join(folder, "large"), os.path.join(folder, "back")
        place = urllib.parse.urlsplit(self.address)
        with GatedProxy(place.port, 50 << 20) as proxy:
            options = ("--endpoint", proxy.address, "--parallel", "2")
            broken = self.direct("cp", large, f"s3://{bucket}/large", *options)
            self.assertEqual(broken.code, 69, repr(broken))
            self.assertSays(broken.err, "goes on")
            self.assertEqual(self.keys(bucket), [])
            proxy.open()
            self.assertEqual(self.direct("cp", large, f"s3://{bucket}/large", *options).code, 0)
            # 16 MiB each, and two under way: at least one was there.
            self.assertLess(proxy.passed, (96 - 15) << 20)
            self.assertSays(self.blob("stat", f"s3://{bucket}/large").out, f"size: {len(body)}")
            # A download is killed in its midst.
            state = os.path.join(self.platform.apollo.environment["HOME"], ".local/state/apollo/transfers")

            def has_part():
                return any(
                    b"\npart " in open(os.path.join(state, name), "rb").read() for name in os.listdir(state))

            process = self.platform.apollo.start(
                "blob", "cp", f"s3://{bucket}/large", back, *options, env=self.keyed())
            eventually(lambda: has_part() or process.poll() is not None, "a part has come")
            process.send_signal(signal.SIGKILL)
            process.communicate()
            if not os.path.exists(back):
                self.assertEqual(len([name for name in os.listdir(folder) if name.endswith(".part")]), 1)
            self.assertEqual(self.direct("cp", f"s3://{bucket}/large", back, *options).code, 0)
            # What could not begin leaves nothing.
            refused = self.direct("cp", large, f"s3://{self.unique('none')}/large", *options)
            self.assertEqual(refused.code, 66, repr(refused))
        self.assertEqual(read(folder) == {"large": body, "back": body}, True)
        self.assertEqual(os.listdir(state), [])

    def test_an_address_that_was_signed_is_good_for_anybody(self):
        bucket = self.bucket()
        self.fill(bucket, {"a b+c": "signed"})
        signed = self.direct("presign", f"s3://{bucket}/a b+c", *self.keyed_options()).out.strip()
        import urllib.request

        with urllib.request.urlopen(signed) as answer:
            self.assertEqual(answer.read(), b"signed")

    # Talking by a key, whatever the class does otherwise.

    def keyed(self):
        return {"AWS_ACCESS_KEY_ID": self.creds[0], "AWS_SECRET_ACCESS_KEY": self.creds[1]}

    def keyed_options(self):
        return ("--endpoint", self.address)

    def direct(self, *words):
        return self.platform.apollo("blob", *words, env=self.keyed())


class OurStore(BlobContract, ApolloTestCase):
    """By the platform's token."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = cls.platform.apollo("blob", "creds", "create", "all tests", "-o", "json").json()
        cls.creds = (made["id"], made["secret"])
        file = os.path.join(cls.platform.data, "objects.address")
        cls.address = eventually(
            lambda: os.path.exists(file) and open(file).read().strip(), "the store says where it is")


class OurStoreByKey(OurStore):
    """By a key in a profile, with buckets in the host's name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = os.path.join(cls.platform.apollo.environment["HOME"], ".aws")
        os.makedirs(folder)
        key, secret = cls.creds
        with open(os.path.join(folder, "credentials"), "w") as file:
            file.write(f"[ours]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")
        port = cls.address.rsplit(":", 1)[1]
        with open(os.path.join(folder, "config"), "w") as file:
            file.write(
                f"[profile ours]\nregion = eu-west-1\nendpoint_url = http://localhost:{port}\n"
                "s3 =\n  addressing_style = virtual\n")
        cls.options = ("--profile", "ours")

    def test_what_is_sent_is_checked_by_a_checksum_behind_it_where_that_is_asked_for(self):
        bucket = self.bucket()
        folder = self.scratch("folder")
        write(folder, {"small": b"some bytes", "large": os.urandom(1 << 20) * 65})
        env = {"AWS_REQUEST_CHECKSUM_CALCULATION": "when_supported"}
        for name in ("small", "large"):
            self.blob("cp", os.path.join(folder, name), f"s3://{bucket}/{name}", env=env)
            connection = http.client.HTTPConnection(self.address.split("//")[1], timeout=60)
            self.addCleanup(connection.close)
            connection.request("HEAD", f"/{bucket}/{name}", headers={
                "Authorization": f"Bearer {self.platform.token}", "x-amz-checksum-mode": "ENABLED"})
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.headers["x-amz-checksum-type"], "FULL_OBJECT")
            self.assertEqual(len(answer.headers["x-amz-checksum-crc32c"]), 8)
            self.blob("cp", f"s3://{bucket}/{name}", os.path.join(folder, "back"))
            self.assertEqual(read(folder)["back"] == read(folder)[name], True)
        wrong = self.blob("ls", code=65, env={"AWS_REQUEST_CHECKSUM_CALCULATION": "sometimes"})
        self.assertSays(wrong.err, "sometimes", "when_supported")

    def test_a_process_gives_the_key_of_a_profile(self):
        folder = os.path.dirname(self.scratch("process"))
        key, secret = self.creds
        with open(os.path.join(folder, "key.json"), "w") as file:
            file.write('{"Version": 1, "AccessKeyId": "%s", "SecretAccessKey": "%s"}' % (key, secret))
        with open(os.path.join(folder, "config"), "w") as file:
            for name, line in {"given": f"cat {folder}/key.json", "fails": "echo s3cr3t; exit 3"}.items():
                file.write(f"[profile {name}]\nendpoint_url = {self.address}\ncredential_process = {line}\n")
        env = {"AWS_CONFIG_FILE": os.path.join(folder, "config")}
        bucket = self.unique("given")
        self.assertCode(self.platform.apollo("blob", "mkbucket", bucket, "--profile", "given", env=env), 0)
        self.assertSays(self.platform.apollo("blob", "ls", "--profile", "given", env=env).out, bucket)
        failed = self.platform.apollo("blob", "ls", "--profile", "fails", env=env)
        self.assertEqual(failed.code, 69, repr(failed))
        self.assertSays(failed.err, "credential_process", "exit code 3")
        self.assertNotIn("s3cr3t", failed.err)

    def test_a_key_that_is_none_and_a_profile_that_is_not_there_are_told(self):
        refused = self.platform.apollo(
            "blob", "ls", "--endpoint", self.address,
            env={"AWS_ACCESS_KEY_ID": "APLKNOSUCHKEY", "AWS_SECRET_ACCESS_KEY": "x"})
        self.assertEqual(refused.code, 77, repr(refused))
        anonymous = self.platform.apollo("blob", "ls", "--endpoint", self.address)
        self.assertEqual(anonymous.code, 77, repr(anonymous))
        self.assertSays(anonymous.err, "AWS_ACCESS_KEY_ID")
        none = self.platform.apollo("blob", "ls", "--profile", "none")
        self.assertEqual(none.code, 66, repr(none))


class OtherStore(BlobContract):
    """One that is not ours, by a key in variables."""

    kind = None

    @classmethod
    def setUpClass(cls):
        cls.store = cls.kind()
        cls.addClassCleanup(cls.store.close)
        super().setUpClass()
        cls.address, cls.creds = cls.store.address, cls.store.creds
        cls.options = ("--endpoint", cls.address)
        cls.env = {"AWS_ACCESS_KEY_ID": cls.creds[0], "AWS_SECRET_ACCESS_KEY": cls.creds[1]}


class MotoStore(OtherStore, ApolloTestCase):
    """moto's."""

    kind = Moto


class MotoStoreWithChecksums(MotoStore):
    """moto's, with the checksum of what is sent behind it, each piece signed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_supported"


class SwiftStore(OtherStore, ApolloTestCase):
    """OpenStack Swift's s3api."""

    kind = Swift
