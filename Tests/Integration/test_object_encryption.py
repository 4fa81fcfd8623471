"""Bytes that are hidden on the disk: by the platform's key, and by keys that clients keep."""

import base64
import hashlib
import os

from test_objects import ObjectCase


class ObjectEncryption(ObjectCase):
    own_platform = True

    def setUp(self):
        super().setUp()
        self.platform = self.make_platform().start()
        self.key = self.creds()
        self.s3 = self.client(self.key)
        self.s3.create_bucket(Bucket="hidden")

    def on_disk(self):
        """All bytes that the platform has on its disk."""
        found = b""
        for folder, _, names in os.walk(self.platform.data):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        found += file.read()
        return found

    def test_who_only_reads_cannot_ask_for_encryption(self):
        self.s3.put_object(Bucket="hidden", Key="k", Body=b"x", ServerSideEncryption="AES256")
        asked = {"x-amz-server-side-encryption": "AES256"}
        for name in ("GetObject", "HeadObject"):
            self.s3.meta.events.register(
                f"before-call.s3.{name}", lambda **call: call["params"]["headers"].update(asked))
        with self.refused("InvalidArgument", 400):
            self.s3.get_object(Bucket="hidden", Key="k")
        with self.refused("400", 400):
            self.s3.head_object(Bucket="hidden", Key="k")
        self.assertEqual(self.client(self.key).get_object(Bucket="hidden", Key="k")["Body"].read(), b"x")

    def test_what_the_platform_hides_is_read_by_who_may_and_found_on_no_disk(self):
        mark = base64.b64encode(os.urandom(30))
        small, large = mark + b"small", mark * 50_000
        for key, body in (("small", small), ("large", large)):
            put = self.s3.put_object(Bucket="hidden", Key=key, Body=body, ServerSideEncryption="AES256")
            self.assertEqual(put["ServerSideEncryption"], "AES256")
        self.assertNotIn(mark, self.on_disk())
        self.s3.put_object(Bucket="hidden", Key="plain", Body=mark)
        self.assertIn(mark, self.on_disk())
        # The keys are rotated and the platform started again: all of it is still there.
        self.assertCode(self.apollo("secret", "rotate-key"), 0)
        self.platform.kill9()
        os.unlink(os.path.join(self.platform.data, "objects.address"))
        self.platform.restart()
        s3 = self.client(self.key)
        for key, body in (("small", small), ("large", large)):
            found = s3.get_object(Bucket="hidden", Key=key)
            self.assertEqual((found["Body"].read(), found["ServerSideEncryption"]), (body, "AES256"))
        part = s3.get_object(Bucket="hidden", Key="large", Range="bytes=1048500-1048700")["Body"].read()
        self.assertEqual(part, large[1048500:1048701])
        # As the bucket says, and as a copy says.
        s3.put_bucket_encryption(Bucket="hidden", ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]})
        self.assertEqual(s3.put_object(Bucket="hidden", Key="x", Body=b"x")["ServerSideEncryption"], "AES256")
        s3.copy_object(Bucket="hidden", Key="copy", CopySource="hidden/plain")
        found = s3.get_object(Bucket="hidden", Key="copy")
        self.assertEqual((found["Body"].read(), found["ServerSideEncryption"]), (mark, "AES256"))

    def test_what_a_client_hides_is_read_by_its_key_alone(self):
        key, other = os.urandom(32), os.urandom(32)

        def fields(key):
            return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}

        body = os.urandom(1_500_000)
        where = {"Bucket": "hidden", "Key": "k"}
        put = self.s3.put_object(**where, Body=body, **fields(key))
        self.assertEqual(put["SSECustomerKeyMD5"], base64.b64encode(hashlib.md5(key).digest()).decode())
        self.assertEqual(self.s3.get_object(**where, **fields(key))["Body"].read(), body)
        for wrong in ({}, fields(other)):
            with self.subTest(wrong=bool(wrong)), self.refused("InvalidRequest", 400):
                self.s3.get_object(**where, **wrong)
        with self.refused("400", 400):
            self.s3.head_object(**where)
        self.s3.copy_object(
            Bucket="hidden", Key="copy", CopySource="hidden/k", CopySourceSSECustomerAlgorithm="AES256",
            CopySourceSSECustomerKey=key, ServerSideEncryption="AES256")
        self.assertEqual(self.s3.get_object(Bucket="hidden", Key="copy")["Body"].read(), body)
        upload = {"Bucket": "hidden", "Key": "parts"}
        upload["UploadId"] = self.s3.create_multipart_upload(**upload, **fields(key))["UploadId"]
        parts = []
        for number, piece in ((1, os.urandom(5 << 20)), (2, b"end")):
            with self.refused("InvalidRequest", 400):
                self.s3.upload_part(**upload, PartNumber=number, Body=piece)
            sent = self.s3.upload_part(**upload, PartNumber=number, Body=piece, **fields(key))
            parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self.s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
        found = self.s3.get_object(Bucket="hidden", Key="parts", Range="bytes=5242875-", **fields(key))
        self.assertEqual(found["Body"].read()[-3:], b"end")
        with self.refused("InvalidArgument", 400):
            self.s3.put_object(**where, Body=b"x", **fields(key), ServerSideEncryption="AES256")
