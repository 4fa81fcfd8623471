"""The object store is killed while objects come and go, and what is on its disk is damaged.

APOLLO_CRASH_ROUNDS says how many times it is killed.
"""

import hashlib
import os
import random
import threading

from harness import eventually
from test_objects import ObjectCase

ROUNDS = int(os.environ.get("APOLLO_CRASH_ROUNDS", "8"))
BUCKET = "crash"
SIZES = (100, 20_000, 300_000, 2_500_000)
PART = 5 << 20
WORKERS = 4
KEYS = 8


def digest(body):
    return hashlib.sha256(body).hexdigest()


class Writer(threading.Thread):
    """One of those who write, remove, copy and read, each under keys of its own, until the store does not answer."""

    def __init__(self, s3, number, seed, states, done):
        super().__init__()
        self.s3, self.chance, self.states, self.done = s3, random.Random(seed), states, done
        self.keys = [f"{number}/{key}" for key in range(KEYS)]
        self.failure = None

    def run(self):
        import botocore.exceptions

        try:
            while True:
                self.act(self.chance.choice(self.keys))
                self.done()
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
            # It is killed: what was under way may have been done or not. An answer that says otherwise is a fault.
            answer = getattr(error, "response", None)
            if answer and answer["ResponseMetadata"].get("HTTPStatusCode"):
                self.failure = error
        except AssertionError as error:
            self.failure = error

    def act(self, key):
        action = self.chance.choices(("put", "parts", "copy", "remove", "read"), (10, 1, 3, 3, 3))[0]
        (now,) = self.states[key]
        if action == "read":
            if now:
                found = digest(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
                assert found == now, f"{key} is not what was stored"
        elif action == "remove":
            self.change(key, None, lambda: self.s3.delete_object(Bucket=BUCKET, Key=key))
        elif action == "copy":
            source = self.chance.choice(self.keys)
            (copied,) = self.states[source]
            if copied and source != key:
                self.change(key, copied, lambda: self.s3.copy_object(
                    Bucket=BUCKET, Key=key, CopySource={"Bucket": BUCKET, "Key": source}))
        elif action == "parts":
            parts = [self.chance.randbytes(PART), self.chance.randbytes(100_000)]
            self.change(key, digest(b"".join(parts)), lambda: self.upload(key, parts))
        else:
            body = self.chance.randbytes(self.chance.choice(SIZES))
            self.change(key, digest(body), lambda: self.s3.put_object(Bucket=BUCKET, Key=key, Body=body))

    def upload(self, key, parts):
        upload = self.s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
        tags = [
            self.s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=number, Body=part)["ETag"]
            for number, part in enumerate(parts, 1)
        ]
        self.s3.complete_multipart_upload(
            Bucket=BUCKET, Key=key, UploadId=upload,
            MultipartUpload={"Parts": [{"PartNumber": n, "ETag": tag} for n, tag in enumerate(tags, 1)]})

    def change(self, key, new, do):
        """Until it is acknowledged the key has what it had, or what it gets."""
        self.states[key] = self.states[key] | {new}
        do()
        self.states[key] = {new}


class ObjectCrash(ObjectCase):
    own_platform = True

    def test_what_was_acknowledged_is_there_whole_and_nothing_else_stays(self):
        self.platform = self.make_platform().start()
        creds = self.creds()
        self.client(creds).create_bucket(Bucket=BUCKET)
        # What each key may have: the digest of its bytes, or None for nothing.
        states = {f"{worker}/{key}": {None} for worker in range(WORKERS) for key in range(KEYS)}
        chance = random.Random(7)
        acknowledged = undecided = 0
        for number in range(ROUNDS):
            acknowledged += self.load_and_kill(self.client(creds), number, states, chance.randint(1, 60))
            undecided += sum(len(possible) > 1 for possible in states.values())
            os.unlink(os.path.join(self.platform.data, "objects.address"))
            self.platform.restart()
            self.check(self.client(creds), states)
        self.assertGreater(acknowledged, ROUNDS)
        self.assertGreater(undecided, 0, "nothing was under way when the store was killed: the load is too light")
        self.remove_all(self.client(creds))
        files = os.path.join(self.platform.data, "objects")
        eventually(
            lambda: not any(names for _, _, names in os.walk(files)), "no file is left that no object has")

    def load_and_kill(self, s3, number, states, enough):
        """Kills the store after so many acknowledgements; how many there were."""
        count, lock, reached = 0, threading.Lock(), threading.Event()

        def done():
            nonlocal count
            with lock:
                count += 1
                if count >= enough:
                    reached.set()

        writers = [Writer(s3, worker, number * WORKERS + worker, states, done) for worker in range(WORKERS)]
        for writer in writers:
            writer.start()
        self.assertTrue(reached.wait(60), [writer.failure for writer in writers])
        self.platform.kill9()
        for writer in writers:
            writer.join(60)
            self.assertFalse(writer.is_alive())
            self.assertIsNone(writer.failure, f"round {number}")
        return count

    def check(self, s3, states):
        import botocore.exceptions

        for key, possible in states.items():
            try:
                found = digest(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
            except botocore.exceptions.ClientError as error:
                self.assertEqual(error.response["Error"]["Code"], "NoSuchKey")
                found = None
            # The last that was acknowledged, or what was under way.
            self.assertIn(found, possible, f"{key} is none that was sent, or was acknowledged and is gone")
            states[key] = {found}
        listed = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        self.assertEqual({item["Key"] for item in listed}, {key for key, (now,) in states.items() if now})

    def remove_all(self, s3):
        for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            s3.delete_object(Bucket=BUCKET, Key=item["Key"])
        for upload in s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []):
            s3.abort_multipart_upload(Bucket=BUCKET, Key=upload["Key"], UploadId=upload["UploadId"])

    def test_a_damaged_byte_is_found_and_never_given(self):
        self.platform = self.make_platform(env={"APOLLO_OBJECTS_SCRUB": "1s"}).start()
        s3 = self.client()
        s3.create_bucket(Bucket="rot")
        s3.put_object(Bucket="rot", Key="k", Body=os.urandom(1_500_000))
        # It is read before, so that nothing is kept of that.
        s3.get_object(Bucket="rot", Key="k")["Body"].read()
        (path,) = [
            os.path.join(folder, name)
            for folder, _, names in os.walk(os.path.join(self.platform.data, "objects")) for name in names
        ]
        with open(path, "r+b") as file:
            file.seek(1000)
            byte = file.read(1)
            file.seek(1000)
            file.write(bytes([byte[0] ^ 1]))
        with self.refused("InternalError", 500):
            s3.get_object(Bucket="rot", Key="k")
        # The log is written by another thread than the answer.
        eventually(lambda: "damaged" in self.platform.log, "the log says that bytes are damaged")
        # It is found without being read, too, and told with the name of what has it.
        eventually(lambda: "s3://rot/k" in self.platform.log, "the log says which object is damaged")
        eventually(
            lambda: "apollo_objects_damaged 1" in self.platform.api.get("/metrics").text, "the metrics say how many")
