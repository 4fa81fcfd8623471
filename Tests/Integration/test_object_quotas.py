"""How much buckets and owners may have: by the command line, and as S3's clients are told."""

import concurrent.futures

from test_objects import ObjectCase


class ObjectQuotas(ObjectCase):
    def usage(self, name):
        page = self.apollo("blob", "quota", "ls", "-o", "json").json()
        return next(item for item in page if item["name"] == name)

    def test_a_bucket_has_no_more_than_it_may_whatever_the_way_in(self):
        s3, bucket = self.client(), self.unique("bounded")
        s3.create_bucket(Bucket=bucket)
        said = self.apollo("blob", "quota", "set", f"s3://{bucket}", "--bytes", "1Mi", "--objects", "5")
        self.assertCode(said, 0)
        self.assertSays(said.out, f"s3://{bucket}", "1Mi", "5")
        s3.put_object(Bucket=bucket, Key="half", Body=bytes(500_000))
        with self.refused("QuotaExceeded", 403):
            s3.put_object(Bucket=bucket, Key="more", Body=bytes(600_000))
        s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/half")
        with self.refused("QuotaExceeded", 403):
            s3.copy_object(Bucket=bucket, Key="third", CopySource=f"{bucket}/half")
        upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
        with self.refused("QuotaExceeded", 403):
            s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=bytes(200_000))
        part = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=bytes(40_000))
        self.assertEqual(self.usage(bucket)["bytes"], 1_040_000)
        with self.refused("QuotaExceeded", 403):
            s3.put_object(Bucket=bucket, Key="x", Body=bytes(20_000))
        s3.complete_multipart_upload(
            Bucket=bucket, Key="parts", UploadId=upload,
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
        )
        self.assertEqual((self.usage(bucket)["bytes"], self.usage(bucket)["objects"]), (1_040_000, 3))
        # A form of a browser's.
        form = s3.generate_presigned_post(bucket, "form")
        self.assertIn("QuotaExceeded", self.post(form, bytes(30_000)))
        # What takes the place of another counts for the difference.
        s3.put_object(Bucket=bucket, Key="half", Body=bytes(500_001))
        s3.delete_object(Bucket=bucket, Key="half")
        self.assertEqual((self.usage(bucket)["bytes"], self.usage(bucket)["objects"]), (540_000, 2))
        for number in range(3):
            s3.put_object(Bucket=bucket, Key=f"small-{number}", Body=b"x")
        with self.refused("QuotaExceeded", 403):
            s3.put_object(Bucket=bucket, Key="small-3", Body=b"x")
        self.assertCode(self.apollo("blob", "quota", "rm", f"s3://{bucket}"), 0)
        s3.put_object(Bucket=bucket, Key="small-3", Body=bytes(2_000_000))
        command = self.apollo("blob", "quota", "set", f"s3://{bucket}")
        self.assertCode(command, 2)
        self.assertCode(self.apollo("blob", "quota", "set", "s3://no-such-bucket-here", "--objects", "1"), 66)

    def post(self, form, body):
        boundary = "0123456789abcdef"
        fields = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in form["fields"].items()
        )
        head = fields + f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        sent = head.encode() + body + f"\r\n--{boundary}--\r\n".encode()
        path = "/" + form["url"].split("//")[1].split("/", 1)[1]
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(len(sent))}
        status, text = self.raw("POST", path, sent, headers)
        self.assertEqual(status, 403, text)
        return text

    def test_of_many_at_once_as_many_succeed_as_there_is_room_for(self):
        s3, bucket = self.client(max_pool_connections=16), self.unique("race")
        s3.create_bucket(Bucket=bucket)
        self.apollo("blob", "quota", "set", f"s3://{bucket}", "--bytes", "1000000")

        def attempt(number):
            import botocore.exceptions

            try:
                s3.put_object(Bucket=bucket, Key=f"k{number}", Body=bytes(150_000))
                return True
            except botocore.exceptions.ClientError as error:
                self.assertEqual(error.response["Error"]["Code"], "QuotaExceeded")
                return False

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            done = list(pool.map(attempt, range(32)))
        self.assertEqual(sum(done), 6)
        self.assertEqual(self.usage(bucket)["bytes"], 900_000)

    def test_an_owner_has_a_quota_over_all_buckets_which_others_do_not_set_or_see(self):
        name = self.unique("ann")
        self.assertCode(self.apollo("user", "create", name, "--service"), 0)
        self.assertCode(self.apollo("grant", "add", name, "write", "blob://local/default/default"), 0)
        env = {"APOLLO_TOKEN": self.apollo("token", "create", "a test", "--user", name).out.strip()}
        s3 = self.client(self.creds(env=env))
        first, second = self.unique("one"), self.unique("two")
        for bucket in (first, second):
            s3.create_bucket(Bucket=bucket)
        self.assertCode(self.apollo("blob", "quota", "set", name, "--objects", "2"), 0)
        s3.put_object(Bucket=first, Key="a", Body=b"1")
        s3.put_object(Bucket=second, Key="a", Body=b"1")
        with self.refused("QuotaExceeded", 403):
            s3.put_object(Bucket=second, Key="b", Body=b"1")
        # Another's objects are not this one's.
        self.client().put_object(Bucket=second, Key="b", Body=b"1")
        own = self.apollo("blob", "quota", "ls", "-o", "json", env=env).json()
        self.assertEqual([item["name"] for item in own if item["kind"] == "owner"], [name])
        self.assertIn(first, [item["name"] for item in own])
        refused = self.apollo("blob", "quota", "set", name, "--objects", "9", env=env)
        self.assertCode(refused, 77)
        self.assertCode(self.apollo("blob", "quota", "set", f"s3://{first}", "--objects", "9", env=env), 77)
