"""What buckets can be told: versions, tags, pages of the web; and checksums of what comes in parts."""

import base64
import binascii
import os
import zlib

from test_objects import ObjectCase


class ObjectSettings(ObjectCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = cls.platform.apollo("blob", "creds", "create", "all tests", "-o", "json").json()
        cls.admin = (made["id"], made["secret"])
        cls.s3 = cls.client(cls(), cls.admin)

    def bucket(self):
        name = self.unique("bucket")
        self.s3.create_bucket(Bucket=name)
        return name

    def test_a_bucket_keeps_versions_once_it_is_told_to(self):
        bucket = self.bucket()
        self.assertNotIn("Status", self.s3.get_bucket_versioning(Bucket=bucket))
        self.s3.put_object(Bucket=bucket, Key="k", Body=b"before")
        self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        self.assertEqual(self.s3.get_bucket_versioning(Bucket=bucket)["Status"], "Enabled")
        one = self.s3.put_object(Bucket=bucket, Key="k", Body=b"one")["VersionId"]
        marker = self.s3.delete_object(Bucket=bucket, Key="k")
        self.assertTrue(marker["DeleteMarker"])
        with self.refused("NoSuchKey", 404):
            self.s3.get_object(Bucket=bucket, Key="k")
        for version, body in (("null", b"before"), (one, b"one")):
            found = self.s3.get_object(Bucket=bucket, Key="k", VersionId=version)
            self.assertEqual((found["Body"].read(), found["VersionId"]), (body, version))
        listed = self.s3.list_object_versions(Bucket=bucket)
        self.assertEqual([item["VersionId"] for item in listed["Versions"]], [one, "null"])
        self.assertEqual(listed["DeleteMarkers"][0]["VersionId"], marker["VersionId"])
        self.s3.copy_object(
            Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k", "VersionId": "null"})
        self.assertEqual(self.s3.get_object(Bucket=bucket, Key="copy")["Body"].read(), b"before")
        self.s3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
        self.assertEqual(self.s3.get_object(Bucket=bucket, Key="k")["Body"].read(), b"one")
        with self.refused("NoSuchVersion", 404):
            self.s3.get_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
        with self.refused("BucketNotEmpty", 409):
            self.s3.delete_bucket(Bucket=bucket)
        # All of it stays when the platform is started again.
        self.platform.kill9()
        os.unlink(os.path.join(self.platform.data, "objects.address"))
        self.platform.restart()
        type(self).s3 = self.client(self.admin)
        listed = self.s3.list_object_versions(Bucket=bucket)
        self.assertEqual([item["VersionId"] for item in listed["Versions"] if item["Key"] == "k"], [one, "null"])

    def test_tags_are_of_one_version_and_come_with_a_copy(self):
        bucket = self.bucket()
        where = {"Bucket": bucket, "Key": "k"}
        self.s3.put_object(**where, Body=b"x", Tagging="a=1&b=%C3%BC")
        expected = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "ü"}]
        self.assertEqual(self.s3.get_object_tagging(**where)["TagSet"], expected)
        self.assertEqual(self.s3.get_object(**where)["TagCount"], 2)
        self.s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")
        self.assertEqual(self.s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"], expected)
        self.s3.put_object_tagging(**where, Tagging={"TagSet": [{"Key": "c", "Value": ""}]})
        self.assertEqual(self.s3.get_object_tagging(**where)["TagSet"], [{"Key": "c", "Value": ""}])
        self.s3.delete_object_tagging(**where)
        self.assertEqual(self.s3.get_object_tagging(**where)["TagSet"], [])
        with self.refused("InvalidTag", 400):
            self.s3.put_object(**where, Body=b"y", Tagging="&".join(f"{n}=1" for n in range(11)))
        with self.refused("NoSuchTagSet", 404):
            self.s3.get_bucket_tagging(Bucket=bucket)
        self.s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": expected})
        self.assertEqual(self.s3.get_bucket_tagging(Bucket=bucket)["TagSet"], expected)
        self.s3.delete_bucket_tagging(Bucket=bucket)
        with self.refused("NoSuchTagSet", 404):
            self.s3.get_bucket_tagging(Bucket=bucket)

    def test_a_browser_is_told_which_pages_may_use_a_bucket(self):
        bucket = self.bucket()
        with self.refused("NoSuchCORSConfiguration", 404):
            self.s3.get_bucket_cors(Bucket=bucket)
        rule = {
            "AllowedOrigins": ["https://*.example.org"], "AllowedMethods": ["PUT", "GET"],
            "AllowedHeaders": ["x-amz-*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60,
        }
        self.s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
        self.assertEqual(self.s3.get_bucket_cors(Bucket=bucket)["CORSRules"], [rule])

        def ask(origin, method, headers=None):
            fields = {"Origin": origin, "Access-Control-Request-Method": method}
            if headers:
                fields["Access-Control-Request-Headers"] = headers
            return self.exchange("OPTIONS", f"/{bucket}/k", fields)

        status, fields = ask("https://a.example.org", "PUT", "x-amz-date, X-Amz-Content-Sha256")
        self.assertEqual(status, 200)
        self.assertEqual(fields["access-control-allow-origin"], "https://a.example.org")
        self.assertEqual(fields["access-control-max-age"], "60")
        self.assertEqual(fields["access-control-allow-headers"], "x-amz-date, X-Amz-Content-Sha256")
        for refused in (("https://example.org", "PUT"), ("https://a.example.org", "DELETE"),
                        ("https://a.example.org", "GET", "authorization")):
            with self.subTest(refused=refused):
                self.assertEqual(ask(*refused)[0], 403)
        # The answer to the request itself says so too, also where it is refused.
        status, fields = self.exchange("GET", f"/{bucket}/k", {"Origin": "https://a.example.org"})
        self.assertEqual((status, fields["access-control-expose-headers"]), (403, "ETag"))
        status, fields = self.exchange("GET", f"/{bucket}/k", {"Origin": "https://example.org"})
        self.assertNotIn("access-control-allow-origin", fields)

    def test_the_checksum_of_what_comes_in_parts_is_of_the_parts_or_of_the_whole(self):
        bucket = self.bucket()
        one, two = os.urandom(5 << 20), os.urandom(1000)
        for kind in ("FULL_OBJECT", "COMPOSITE"):
            with self.subTest(kind=kind):
                where = {"Bucket": bucket, "Key": kind}
                begun = self.s3.create_multipart_upload(**where, ChecksumAlgorithm="CRC32", ChecksumType=kind)
                where["UploadId"] = begun["UploadId"]
                parts = []
                for number, body in ((1, one), (2, two)):
                    sent = self.s3.upload_part(**where, PartNumber=number, Body=body, ChecksumAlgorithm="CRC32")
                    parts.append(
                        {"PartNumber": number, "ETag": sent["ETag"], "ChecksumCRC32": sent["ChecksumCRC32"]})
                done = self.s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
                sums = b"".join(base64.b64decode(part["ChecksumCRC32"]) for part in parts)
                whole = zlib.crc32(one + two) if kind == "FULL_OBJECT" else zlib.crc32(sums)
                expected = base64.b64encode(whole.to_bytes(4, "big")).decode() + ("" if kind == "FULL_OBJECT" else "-2")
                self.assertEqual(done["ChecksumCRC32"], expected)
                told = self.s3.get_object_attributes(
                    Bucket=bucket, Key=kind, ObjectAttributes=["ETag", "Checksum", "ObjectParts", "ObjectSize"])
                self.assertEqual(told["Checksum"], {"ChecksumCRC32": expected, "ChecksumType": kind})
                self.assertEqual(told["ObjectSize"], len(one) + len(two))
                self.assertEqual([part["Size"] for part in told["ObjectParts"]["Parts"]], [len(one), len(two)])
                second = self.s3.get_object(Bucket=bucket, Key=kind, PartNumber=2)
                self.assertEqual((second["Body"].read(), second["PartsCount"]), (two, 2))
        with self.refused("InvalidRequest", 400):
            self.s3.create_multipart_upload(
                Bucket=bucket, Key="k", ChecksumAlgorithm="SHA256", ChecksumType="FULL_OBJECT")

    def test_the_checksum_of_nvm_express_is_computed_and_held_against_what_comes(self):
        bucket = self.bucket()
        # The check value of the catalogues, of these nine digits.
        good = base64.b64encode(binascii.unhexlify("ae8b14860a799888")).decode()
        put = self.s3.put_object(Bucket=bucket, Key="k", Body=b"123456789", ChecksumCRC64NVME=good)
        self.assertEqual(put["ChecksumCRC64NVME"], good)
        with self.refused("BadDigest", 400):
            self.s3.put_object(Bucket=bucket, Key="k", Body=b"1234567890", ChecksumCRC64NVME=good)
