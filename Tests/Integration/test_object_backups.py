"""Backups with the bytes of objects and images in them."""

import os
import random
import threading

from harness.registry import Registry
from test_objects import ObjectCase


class ObjectBackups(ObjectCase):
    own_platform = True

    def test_what_a_backup_names_is_in_it_although_objects_are_replaced_and_removed_meanwhile(self):
        platform = self.platform = self.make_platform().start()
        s3 = self.client(platform=platform)
        s3.create_bucket(Bucket="kept")
        kept = {f"k{n}": os.urandom(random.choice([100, 30_000, 2_000_000])) for n in range(12)}
        for key, body in kept.items():
            s3.put_object(Bucket="kept", Key=key, Body=body)
        registry = Registry(platform.address, f"Bearer {platform.token}")
        layer = os.urandom(400_000)
        blob = registry.push_blob("app", layer)
        registry.push_manifest("app", registry.image("app"), "v1")
        stop, rounds = threading.Event(), [0]

        def change():
            mine = self.client(platform=platform)
            while not stop.is_set():
                key = f"changing-{rounds[0] % 5}"
                mine.put_object(Bucket="kept", Key=key, Body=key[-1:].encode() * 300_000)
                if rounds[0] % 3 == 0:
                    mine.delete_object(Bucket="kept", Key=key)
                rounds[0] += 1

        thread = threading.Thread(target=change)
        thread.start()
        path = os.path.join(platform.scratch, "with-objects.backup")
        try:
            made = platform.apollo("backup", path, "--with-keys", "--with-objects", "-o", "json")
            before = rounds[0]
        finally:
            stop.set()
            thread.join()
        self.assertCode(made, 0)
        self.assertGreater(before, 0)
        self.assertGreaterEqual(made.json()["objects"], sum(len(body) > 16384 for body in kept.values()) + 1)
        # What was removed while it was made is gone by now: nothing stays that no object has.
        for listed in s3.list_objects_v2(Bucket="kept").get("Contents", []):
            if listed["Key"].startswith("changing"):
                s3.delete_object(Bucket="kept", Key=listed["Key"])
        large = sum(len(body) > 16384 for body in kept.values()) + 1
        self.assertEqual(len(self.files(platform.data)), large)
        self.assertEqual(platform.terminate(), 0)

        other = self.make_platform(data=os.path.join(platform.scratch, "elsewhere"))
        restored = platform.apollo("restore", path, "--data", other.data)
        self.assertCode(restored, 0)
        self.assertSays(restored.out, "Objects:", "files, as they were")
        other.start()
        mine = self.client(platform=other)
        for key, body in kept.items():
            self.assertEqual(mine.get_object(Bucket="kept", Key=key)["Body"].read(), body)
        for listed in mine.list_objects_v2(Bucket="kept")["Contents"]:
            body = mine.get_object(Bucket="kept", Key=listed["Key"])["Body"].read()
            self.assertEqual(len(body), listed["Size"])
        registry = Registry(other.address, f"Bearer {other.token}")
        self.assertEqual(registry.call("GET", f"/v2/app/blobs/{blob}").body, layer)

        # One byte of an object that is wrong is found before anything is changed.
        damaged = path + ".damaged"
        with open(path, "rb") as source, open(damaged, "wb") as target:
            bytes_ = bytearray(source.read())
            bytes_[len(bytes_) // 2] ^= 1
            target.write(bytes_)
        refused = platform.apollo("restore", damaged, "--data", os.path.join(platform.scratch, "third"))
        self.assertCode(refused, 74)
        self.assertFalse(os.path.exists(os.path.join(platform.scratch, "third")))

        # The same where no platform runs.
        self.assertEqual(other.terminate(), 0)
        again = other.apollo("backup", path + ".2", "--with-objects", "-o", "json")
        self.assertCode(again, 0)
        self.assertGreaterEqual(again.json()["objects"], large)
        without = other.apollo("backup", path + ".3", "-o", "json")
        self.assertEqual(without.json()["objects"], 0)

    @staticmethod
    def files(data):
        return [name for _, _, names in os.walk(os.path.join(data, "objects")) for name in names]
