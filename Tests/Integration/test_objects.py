"""The object store, by clients that are not ours (boto3, awscli), by hand, and by the command line."""

import base64
import concurrent.futures
import contextlib
import datetime
import hashlib
import hmac
import http.client
import os
import subprocess
import sys
import urllib.parse

from harness import ApolloTestCase, eventually
from harness.case import BINARY
from harness.platform import Platform
from harness.tools import python_tools

EMPTY = hashlib.sha256(b"").hexdigest()


def sign(key, secret, method, host, path, headers=None, payload=EMPTY, time=None, region="us-east-1"):
    """The headers of a request, with its signature (AWS Signature Version 4), after Amazon's description."""
    time = time or datetime.datetime.now(datetime.timezone.utc)
    stamp = time.strftime("%Y%m%dT%H%M%SZ")
    fields = {**{k.lower(): v for k, v in (headers or {}).items()}, "host": host, "x-amz-date": stamp}
    fields["x-amz-content-sha256"] = payload
    names = ";".join(sorted(fields))
    raw, _, query = path.partition("?")
    pairs = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))
    canonical = "\n".join(
        [
            method,
            raw,
            "&".join(f"{urllib.parse.quote(k, safe='-_.~')}={urllib.parse.quote(v, safe='-_.~')}" for k, v in pairs),
            *(f"{name}:{fields[name]}" for name in sorted(fields)),
            "",
            names,
            payload,
        ]
    )
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signing = ("AWS4" + secret).encode()
    for part in (stamp[:8], region, "s3", "aws4_request"):
        signing = hmac.new(signing, part.encode(), "sha256").digest()
    signature = hmac.new(signing, text.encode(), "sha256").hexdigest()
    fields["authorization"] = f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return fields


class ObjectCase(ApolloTestCase):
    @classmethod
    def setUpClass(cls):
        cls.python = python_tools()
        found = subprocess.run(
            [cls.python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"],
            capture_output=True, text=True, check=True,
        )
        if found.stdout.strip() not in sys.path:
            # Before what the machine has of the same packages.
            sys.path.insert(0, found.stdout.strip())
        super().setUpClass()

    @property
    def store(self):
        """The address of the store."""
        return self.address_of(self.platform)

    @staticmethod
    def address_of(platform):
        file = os.path.join(platform.data, "objects.address")
        return eventually(lambda: os.path.exists(file) and open(file).read().strip(), "the store says where it is")

    def creds(self, *options, platform=None, env=None):
        """A new access key: its id and its secret."""
        apollo = (platform or self.platform).apollo
        made = apollo("blob", "creds", "create", "a test", "-o", "json", *options, env=env)
        self.assertCode(made, 0)
        key = made.json()
        return key["id"], key["secret"]

    def client(self, creds=None, platform=None, **options):
        import boto3
        import botocore.config

        key, secret = creds or self.creds(platform=platform)
        return boto3.client(
            "s3", endpoint_url=self.address_of(platform or self.platform), region_name="eu-north-1",
            aws_access_key_id=key, aws_secret_access_key=secret,
            config=botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=60, **options),
        )

    @contextlib.contextmanager
    def refused(self, code, status=None):
        import botocore.exceptions

        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            yield
        answer = caught.exception.response
        self.assertEqual(answer["Error"]["Code"], code, answer)
        if status:
            self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], status)

    def exchange(self, method, path, headers):
        """One request without a body: its status and the fields of its answer, in lower case."""
        connection = http.client.HTTPConnection(self.store.split("//")[1], timeout=60)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()

    def raw(self, method, path, body=b"", headers=None, store=None):
        """One request as it is: its status and its body."""
        connection = http.client.HTTPConnection((store or self.store).split("//")[1], timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            headers = {"host": connection.host + f":{connection.port}", **(headers or {})}
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.send(body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


class Objects(ObjectCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = cls.platform.apollo("blob", "creds", "create", "all tests", "-o", "json").json()
        cls.admin = (made["id"], made["secret"])
        cls.bucket = "tests"
        cls.s3 = cls.client(cls(), cls.admin)
        cls.s3.create_bucket(Bucket=cls.bucket)

    def put(self, key, body=b"", **options):
        return self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **options)

    def get(self, key, **options):
        return self.s3.get_object(Bucket=self.bucket, Key=key, **options)["Body"].read()

    # What clients do

    def test_an_object_is_stored_with_what_belongs_to_it_read_copied_and_removed(self):
        body = os.urandom(3 << 20)
        put = self.put(
            "dir/one", body, ContentType="text/plain; charset=utf-8", CacheControl="max-age=5",
            ContentDisposition='attachment; filename="x"', Metadata={"color": "red", "empty": ""},
        )
        tag = f'"{hashlib.md5(body).hexdigest()}"'
        self.assertEqual(put["ETag"], tag)
        head = self.s3.head_object(Bucket=self.bucket, Key="dir/one")
        self.assertEqual((head["ContentLength"], head["ETag"]), (len(body), tag))
        self.assertEqual((head["ContentType"], head["CacheControl"]), ("text/plain; charset=utf-8", "max-age=5"))
        self.assertEqual(head["Metadata"], {"color": "red", "empty": ""})
        self.assertEqual(self.get("dir/one"), body)
        copied = self.s3.copy_object(
            Bucket=self.bucket, Key="two", CopySource={"Bucket": self.bucket, "Key": "dir/one"})
        self.assertEqual(copied["CopyObjectResult"]["ETag"], tag)
        self.s3.delete_object(Bucket=self.bucket, Key="dir/one")
        with self.refused("NoSuchKey", 404):
            self.get("dir/one")
        self.assertEqual(self.get("two"), body)
        self.put("empty")
        self.assertEqual(self.get("empty"), b"")
        self.assertEqual(self.s3.head_object(Bucket=self.bucket, Key="two")["Metadata"]["color"], "red")
        self.s3.copy_object(
            Bucket=self.bucket, Key="two", CopySource=f"{self.bucket}/two", MetadataDirective="REPLACE",
            Metadata={"color": "blue"})
        self.assertEqual(self.s3.head_object(Bucket=self.bucket, Key="two")["Metadata"], {"color": "blue"})
        with self.refused("InvalidRequest", 400):
            self.s3.copy_object(Bucket=self.bucket, Key="two", CopySource=f"{self.bucket}/two")

    def test_ranges_and_conditions_are_what_http_says(self):
        body = os.urandom(2_500_000)
        tag = self.put("ranges", body)["ETag"]
        for field, expected in (
            ("bytes=0-0", body[:1]), ("bytes=1048570-1048580", body[1048570:1048581]), ("bytes=-10", body[-10:]),
            ("bytes=2000000-", body[2000000:]), ("bytes=5-99999999", body[5:]), ("x=1", body),
        ):
            with self.subTest(range=field):
                self.assertEqual(self.get("ranges", Range=field), expected)
        with self.refused("InvalidRange", 416):
            self.get("ranges", Range="bytes=2500000-")
        self.assertEqual(self.get("ranges", IfMatch=tag), body)
        with self.refused("PreconditionFailed", 412):
            self.get("ranges", IfMatch='"other"')
        with self.refused("304", 304):
            self.get("ranges", IfNoneMatch=tag)
        with self.refused("PreconditionFailed", 412):
            self.put("ranges", b"x", IfNoneMatch="*")
        with self.refused("PreconditionFailed", 412):
            self.put("ranges", b"x", IfMatch='"other"')
        with self.refused("NoSuchKey", 404):
            self.put("no-such-object", b"x", IfMatch='"other"')
        self.put("ranges", b"new", IfMatch=tag)
        self.assertEqual(self.get("ranges"), b"new")

    def test_of_many_who_make_the_same_object_one_succeeds(self):
        import botocore.exceptions

        def attempt(number):
            try:
                self.put("race", str(number).encode(), IfNoneMatch="*")
                return number
            except botocore.exceptions.ClientError as error:
                self.assertEqual(error.response["Error"]["Code"], "PreconditionFailed")
                return None

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            winners = [number for number in pool.map(attempt, range(16)) if number is not None]
        self.assertEqual(len(winners), 1)
        self.assertEqual(self.get("race"), str(winners[0]).encode())

    def test_checksums_are_computed_kept_and_held_against_what_comes(self):
        body = os.urandom(100_000)
        for algorithm, value in (
            ("CRC32", None), ("SHA1", hashlib.sha1(body).digest()), ("SHA256", hashlib.sha256(body).digest()),
        ):
            with self.subTest(algorithm=algorithm):
                put = self.put("checksum", body, ChecksumAlgorithm=algorithm)
                got = self.s3.get_object(Bucket=self.bucket, Key="checksum", ChecksumMode="ENABLED")
                self.assertEqual(got["Body"].read(), body)
                self.assertEqual(got[f"Checksum{algorithm}"], put[f"Checksum{algorithm}"])
                if value:
                    self.assertEqual(put[f"Checksum{algorithm}"], base64.b64encode(value).decode())
        with self.refused("BadDigest", 400):
            self.put("bad", body, ChecksumSHA256=base64.b64encode(bytes(32)).decode())
        with self.refused("BadDigest", 400):
            self.put("bad", body, ContentMD5=base64.b64encode(bytes(16)).decode())
        with self.refused("InvalidDigest", 400):
            self.put("bad", body, ContentMD5="short")
        body = self.request("PUT", f"/{self.bucket}/bad", b"x", payload=hashlib.sha256(b"x").hexdigest(),
                            headers={"x-amz-checksum-xxhash128": "AAAAAAAAAAA="})
        self.assertS3(body, 501, "NotImplemented")
        with self.refused("NoSuchKey", 404):
            self.get("bad")

    def test_listings_have_prefixes_delimiters_and_pages(self):
        bucket = self.unique("list")
        self.s3.create_bucket(Bucket=bucket)
        keys = sorted(["a/1", "a/2", "a/b/3", "b/1", "c", "d e+f&<g>", "ü/1", "z/" + "\u20ac"], key=str.encode)
        for key in keys:
            self.s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
        for version in ("list_objects", "list_objects_v2"):
            with self.subTest(version=version):
                pages = self.s3.get_paginator(version).paginate(Bucket=bucket, PaginationConfig={"PageSize": 3})
                found = [item for page in pages for item in page.get("Contents", [])]
                self.assertEqual([item["Key"] for item in found], keys)
                self.assertEqual(found[0]["Size"], 3)
                pages = self.s3.get_paginator(version).paginate(
                    Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 2})
                names = []
                for page in pages:
                    names += [item["Key"] for item in page.get("Contents", [])]
                    names += [item["Prefix"] for item in page.get("CommonPrefixes", [])]
                self.assertEqual(sorted(names, key=str.encode), ["a/", "b/", "c", "d e+f&<g>", "z/", "ü/"])
                page = getattr(self.s3, version)(Bucket=bucket, Prefix="a/", Delimiter="/")
                self.assertEqual([item["Key"] for item in page["Contents"]], ["a/1", "a/2"])
                self.assertEqual([item["Prefix"] for item in page["CommonPrefixes"]], ["a/b/"])
        page = self.s3.list_objects_v2(Bucket=bucket, StartAfter="b/1", MaxKeys=1, FetchOwner=True)
        self.assertEqual((page["Contents"][0]["Key"], page["IsTruncated"], page["KeyCount"]), ("c", True, 1))
        self.assertEqual(page["Contents"][0]["Owner"]["ID"], "admin")
        with self.refused("BucketNotEmpty", 409):
            self.s3.delete_bucket(Bucket=bucket)
        answer = self.s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
        self.assertEqual([item["Key"] for item in answer["Deleted"]], keys)
        self.s3.delete_bucket(Bucket=bucket)
        with self.refused("NoSuchBucket", 404):
            self.s3.list_objects_v2(Bucket=bucket)

    def test_buckets_have_names_that_a_host_could_have(self):
        for name in ("Upper-Case", "under_score", "192.168.1.1", "a..b"):
            with self.subTest(name=name):
                status, body = self.raw(
                    "PUT", f"/{name}", headers=sign(*self.admin, "PUT", self.store.split("//")[1], f"/{name}"))
                self.assertEqual((status, "<Code>InvalidBucketName</Code>" in body), (400, True), body)
        self.s3.create_bucket(Bucket=self.bucket)
        with self.refused("BucketAlreadyExists", 409):
            self.s3.create_bucket(Bucket=self.bucket, ACL="public-read")
        self.assertIn(self.bucket, [bucket["Name"] for bucket in self.s3.list_buckets()["Buckets"]])
        self.s3.head_bucket(Bucket=self.bucket)
        with self.refused("404", 404):
            self.s3.head_bucket(Bucket="no-such-bucket")

    def test_a_key_is_any_text_and_never_a_path(self):
        keys = [
            "../../escape", ".", "..", "/", "//", "a//b", "a/./b", "a/../b", "/etc/passwd", "%2e%2e/x", "a b+c",
            "ü€\U0001F600", "e\u0301", "\u00e9", "\n\t", "x" * 1024,
        ]
        for key in keys:
            with self.subTest(key=key[:20]):
                self.put(key, key.encode())
        for key in keys:
            with self.subTest(key=key[:20]):
                self.assertEqual(self.get(key), key.encode())
        with self.refused("KeyTooLongError", 400):
            self.put("x" * 1025)
        names = [name for _, _, files in os.walk(os.path.join(self.platform.data, "objects")) for name in files]
        for name in names:
            self.assertRegex(name, "^[0-9a-z]{20}$")

    def test_a_host_name_may_have_the_bucket(self):
        self.put("by-host", b"found")
        address = self.store.split("//")[1]
        host = f"{self.bucket}.localhost:{address.split(':')[1]}"
        self.assertEqual(
            self.raw("GET", "/by-host", headers=sign(*self.admin, "GET", host, "/by-host")), (200, "found"))

    def test_an_object_comes_in_parts_in_any_order(self):
        where = {"Bucket": self.bucket, "Key": "parts"}
        one, two = os.urandom(5 << 20), os.urandom(100_000)
        upload = self.s3.create_multipart_upload(**where, ContentType="a/b", Metadata={"m": "1"})["UploadId"]
        where["UploadId"] = upload
        last = self.s3.upload_part(**where, PartNumber=9, Body=two)["ETag"]
        first = self.s3.upload_part(**where, PartNumber=2, Body=one)["ETag"]
        listed = self.s3.list_parts(**where)["Parts"]
        self.assertEqual([(part["PartNumber"], part["ETag"]) for part in listed], [(2, first), (9, last)])
        uploads = self.s3.list_multipart_uploads(Bucket=self.bucket, Prefix="parts")["Uploads"]
        self.assertEqual([item["UploadId"] for item in uploads], [upload])
        parts = [{"PartNumber": 2, "ETag": first}, {"PartNumber": 9, "ETag": last}]
        for code, wrong in (
            ("InvalidPartOrder", parts[::-1]),
            ("InvalidPart", [{"PartNumber": 3, "ETag": first}]),
            ("InvalidPart", [{"PartNumber": 2, "ETag": last}]),
        ):
            with self.subTest(code=code), self.refused(code, 400):
                self.s3.complete_multipart_upload(**where, MultipartUpload={"Parts": wrong})
        done = self.s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
        digest = hashlib.md5(hashlib.md5(one).digest() + hashlib.md5(two).digest()).hexdigest()
        self.assertEqual(done["ETag"], f'"{digest}-2"')
        head = self.s3.head_object(Bucket=self.bucket, Key="parts")
        self.assertEqual((head["ContentType"], head["Metadata"]), ("a/b", {"m": "1"}))
        self.assertEqual(self.get("parts"), one + two)
        self.assertEqual(self.get("parts", Range="bytes=5242878-5242882"), (one + two)[5242878:5242883])
        with self.refused("NoSuchUpload", 404):
            self.s3.list_parts(**where)

    def test_an_upload_is_given_up_and_parts_may_be_copies(self):
        body = os.urandom((6 << 20) + 5)
        self.put("whole", body)
        where = {"Bucket": self.bucket, "Key": "copied-parts"}
        where["UploadId"] = self.s3.create_multipart_upload(**where)["UploadId"]
        source = f"{self.bucket}/whole"
        tags = [
            self.s3.upload_part_copy(**where, PartNumber=number, CopySource=source, CopySourceRange=part)
            ["CopyPartResult"]["ETag"]
            for number, part in ((1, "bytes=0-5242879"), (2, "bytes=5242880-6291460"))
        ]
        with self.refused("InvalidRange", 416):
            self.s3.upload_part_copy(**where, PartNumber=3, CopySource=source, CopySourceRange="bytes=0-6291461")
        small = self.s3.upload_part(**where, PartNumber=3, Body=b"small")["ETag"]
        parts = [{"PartNumber": number + 1, "ETag": tag} for number, tag in enumerate([*tags, small])]
        with self.refused("EntityTooSmall", 400):
            self.s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
        self.s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts[:2]})
        self.assertEqual(self.get("copied-parts"), body)
        where["UploadId"] = self.s3.create_multipart_upload(Bucket=self.bucket, Key="copied-parts")["UploadId"]
        self.s3.upload_part(**where, PartNumber=1, Body=b"x" * 50_000)
        self.s3.abort_multipart_upload(**where)
        with self.refused("NoSuchUpload", 404):
            self.s3.upload_part(**where, PartNumber=1, Body=b"x")
        with self.refused("InvalidArgument", 400):
            self.s3.upload_part(**where, PartNumber=10001, Body=b"x")
        self.assertEqual(self.get("copied-parts"), body)

    def test_an_address_that_was_signed_is_good_for_anybody_for_its_time(self):
        self.put("presigned", b"for you")
        env = {"AWS_ACCESS_KEY_ID": self.admin[0], "AWS_SECRET_ACCESS_KEY": self.admin[1]}
        made = self.apollo("blob", "presign", f"s3://{self.bucket}/presigned", "--age", "60s", env=env)
        self.assertCode(made, 0)
        path = made.out.strip().removeprefix(self.store)
        self.assertEqual(self.raw("GET", path), (200, "for you"))
        self.assertS3(self.raw("GET", path.replace("presigned", "secret")), 403, "SignatureDoesNotMatch")
        self.assertS3(self.raw("GET", path.replace("Expires=60", "Expires=6000")), 403, "SignatureDoesNotMatch")
        self.assertS3(self.raw("PUT", path, headers={"content-length": "0"}), 403, "SignatureDoesNotMatch")
        self.assertS3(
            self.raw("GET", path.replace("Expires=60", "Expires=700000")), 400, "AuthorizationQueryParametersError")
        theirs = self.client(self.admin, signature_version="s3v4").generate_presigned_url(
            "get_object", Params={"Bucket": self.bucket, "Key": "presigned"})
        self.assertEqual(self.raw("GET", theirs.removeprefix(self.store)), (200, "for you"))
        put = self.apollo("blob", "presign", "--put", f"s3://{self.bucket}/sent in", env=env).out.strip()
        status, _ = self.raw("PUT", put.removeprefix(self.store), b"hello", {"content-length": "5"})
        self.assertEqual((status, self.get("sent in")), (200, b"hello"))

    # What is refused

    def request(self, method, path, body=b"", **options):
        headers = sign(*self.admin, method, self.store.split("//")[1], path, **options)
        return self.raw(method, path, body, {**headers, "content-length": str(len(body))})

    def assertS3(self, answer, status, code):
        self.assertEqual(answer[0], status, answer)
        self.assertIn(f"<Code>{code}</Code>", answer[1])
        self.assertRegex(answer[1], "<RequestId>[0-9a-z]{20}</RequestId>")

    def test_who_is_not_known_or_signs_wrongly_is_refused_with_the_reason(self):
        path = f"/{self.bucket}/secret"
        self.put("secret", b"kept")
        host = self.store.split("//")[1]
        self.assertEqual(self.request("GET", path), (200, "kept"))
        self.assertS3(self.raw("GET", path), 403, "AccessDenied")
        wrong = sign(self.admin[0], "wrong", "GET", host, path)
        self.assertS3(self.raw("GET", path, headers=wrong), 403, "SignatureDoesNotMatch")
        unknown = sign("APLKNOSUCHKEYATALL00", self.admin[1], "GET", host, path)
        self.assertS3(self.raw("GET", path, headers=unknown), 403, "InvalidAccessKeyId")
        for minutes in (-16, 16):
            time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
            self.assertS3(self.request("GET", path, time=time), 403, "RequestTimeTooSkewed")
        added = {**sign(*self.admin, "GET", host, path), "x-amz-acl": "private"}
        self.assertS3(self.raw("GET", path, headers=added), 403, "AccessDenied")
        other = sign(*self.admin, "DELETE", host, path)
        self.assertS3(self.raw("GET", path, headers=other), 403, "SignatureDoesNotMatch")
        old = {"authorization": f"AWS {self.admin[0]}:c2lnbmF0dXJl"}
        self.assertS3(self.raw("GET", path, headers=old), 400, "InvalidRequest")
        broken = {"authorization": "AWS4-HMAC-SHA256 nonsense"}
        self.assertS3(self.raw("GET", path, headers=broken), 400, "AuthorizationHeaderMalformed")
        self.assertEqual(self.get("secret"), b"kept")

    def test_a_body_that_is_not_what_was_signed_or_not_whole_changes_nothing(self):
        path = f"/{self.bucket}/body"
        self.put("body", b"old")
        good = hashlib.sha256(b"hello").hexdigest()
        self.assertS3(self.request("PUT", path, b"jello", payload=good), 400, "XAmzContentSHA256Mismatch")
        headers = sign(*self.admin, "PUT", self.store.split("//")[1], path, payload="UNSIGNED-PAYLOAD")
        self.assertS3(self.raw("PUT", path, headers=headers), 411, "MissingContentLength")
        address = self.store.split("//")[1]
        connection = http.client.HTTPConnection(address, timeout=60)
        connection.putrequest("PUT", path, skip_host=True, skip_accept_encoding=True)
        for name, value in {**headers, "content-length": "1000000"}.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(b"x" * 500_000)
        connection.close()
        self.assertEqual(self.request("PUT", path + "2", b"hello", payload=good)[0], 200)
        self.assertEqual(self.get("body"), b"old")
        pieces = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
        for body in (b"5\r\nhello\r\n", b"5\r\nhel", b"zz\r\n", b"5\r\nhelloo\r\n0\r\n\r\n", b"4\r\nhell\r\n0\r\n\r\n"):
            with self.subTest(body=body):
                answer = self.request(
                    "PUT", path, body, payload=pieces, headers={"x-amz-decoded-content-length": "5"})
                self.assertS3(answer, 400, "IncompleteBody")
        self.assertEqual(self.get("body"), b"old")

    def test_what_the_store_cannot_do_is_said_and_not_left_undone(self):
        self.put("plain", b"x")
        with self.refused("NotImplemented", 501):
            self.s3.put_bucket_accelerate_configuration(
                Bucket=self.bucket, AccelerateConfiguration={"Status": "Enabled"})
        self.assertS3(self.request("PATCH", f"/{self.bucket}/plain"), 405, "MethodNotAllowed")
        with self.refused("NoSuchBucketPolicy", 404):
            self.s3.get_bucket_policy(Bucket=self.bucket)
        self.assertS3(
            self.request("POST", f"/{self.bucket}?delete", b"<Delete>", payload="UNSIGNED-PAYLOAD"),
            400, "MalformedXML")
        with self.refused("MetadataTooLarge", 400):
            self.put("heavy", b"x", Metadata={"a": "x" * 2048})

    # Who may what

    def user(self, *grants):
        """Someone with a token of their own: the environment of their commands."""
        name = self.unique("user")
        self.assertCode(self.apollo("user", "create", name, "--service"), 0)
        for level, resource in grants:
            self.assertCode(self.apollo("grant", "add", name, level, resource), 0)
        token = self.apollo("token", "create", "a test", "--user", name).out.strip()
        return name, {"APOLLO_TOKEN": token}

    def test_rights_are_those_of_the_platform_by_bucket_and_prefix(self):
        base = f"blob://local/default/default/{self.bucket}"
        self.put("open/a", b"a")
        self.put("open/hidden/b", b"b")
        self.put("closed/c", b"c")
        _, env = self.user(("read", f"{base}/open"), ("deny", f"{base}/open/hidden"))
        s3 = self.client(self.creds(env=env))
        self.assertEqual(s3.get_object(Bucket=self.bucket, Key="open/a")["Body"].read(), b"a")
        for key in ("closed/c", "open/hidden/b", "openly", "no-such-object"):
            with self.subTest(key=key), self.refused("AccessDenied", 403):
                s3.get_object(Bucket=self.bucket, Key=key)
        # A key is no path: this one begins with what may be read, and is not there.
        with self.refused("NoSuchKey", 404):
            s3.get_object(Bucket=self.bucket, Key="open/../closed/c")
        with self.refused("AccessDenied", 403):
            s3.put_object(Bucket=self.bucket, Key="open/a", Body=b"changed")
        with self.refused("AccessDenied", 403):
            s3.copy_object(Bucket=self.bucket, Key="open/a", CopySource=f"{self.bucket}/open/a")
        with self.refused("AccessDenied", 403):
            s3.list_objects_v2(Bucket=self.bucket)
        listed = s3.list_objects_v2(Bucket=self.bucket, Prefix="open/")
        self.assertEqual([item["Key"] for item in listed["Contents"]], ["open/a"])
        failed = s3.delete_objects(Bucket=self.bucket, Delete={"Objects": [{"Key": "open/a"}]})["Errors"]
        self.assertEqual([(item["Key"], item["Code"]) for item in failed], [("open/a", "AccessDenied")])
        self.assertEqual(s3.list_buckets()["Buckets"], [])
        self.assertEqual(self.get("open/a"), b"a")

    def test_a_key_is_worth_no_more_than_it_was_made_for_and_ends_with_its_owner_and_its_token(self):
        base = f"blob://local/default/default/{self.bucket}"
        self.put("shared", b"x")
        reader = self.client(self.creds("--permission", "read", "--on", base))
        self.assertEqual(reader.get_object(Bucket=self.bucket, Key="shared")["Body"].read(), b"x")
        with self.refused("AccessDenied", 403):
            reader.put_object(Bucket=self.bucket, Key="shared", Body=b"y")
        name, env = self.user(("write", base))
        creds = self.creds(env=env)
        s3 = self.client(creds)
        s3.put_object(Bucket=self.bucket, Key="by-user", Body=b"1")
        self.assertIn(creds[0], self.apollo("blob", "creds", "ls").out)
        self.assertNotIn(creds[1], self.apollo("blob", "creds", "ls", "-o", "json").out)
        # Its owner is kept out, and let in again; then the token goes, and with it the key.
        self.assertCode(self.apollo("user", "disable", name), 0)
        with self.refused("AccessDenied", 403):
            s3.put_object(Bucket=self.bucket, Key="by-user", Body=b"2")
        self.assertCode(self.apollo("user", "enable", name), 0)
        s3.put_object(Bucket=self.bucket, Key="by-user", Body=b"3")
        token = self.apollo("token", "ls", "--user", name, "-o", "json").json()[0]["id"]
        self.assertCode(self.apollo("token", "rm", token), 0)
        with self.refused("InvalidAccessKeyId", 403):
            s3.put_object(Bucket=self.bucket, Key="by-user", Body=b"4")
        self.assertEqual(self.get("by-user"), b"3")
        other = self.creds()
        self.assertCode(self.apollo("blob", "creds", "rm", other[0]), 0)
        with self.refused("InvalidAccessKeyId", 403):
            self.client(other).list_buckets()

    def test_a_project_with_a_bucket_is_not_empty_and_changes_are_in_the_audit(self):
        project = self.unique("project")
        self.api.project(project)
        bucket = self.unique("bucket")
        self.assertCode(self.apollo("blob", "mkbucket", bucket, "--project", project), 0)
        gone = self.apollo("project", "rm", project)
        self.assertCode(gone, 67)
        self.assertSays(gone.err, "a bucket")
        audit = self.apollo("audit", "-o", "json").json()
        self.assertIn(
            ("createBucket", f"blob://local/default/{project}/{bucket}", "succeeded"),
            [(record["action"], record["resource"], record["outcome"]) for record in audit])
        self.assertCode(self.apollo("blob", "rmbucket", bucket), 0)
        self.assertCode(self.apollo("project", "rm", project), 0)

    # Programs

    def test_the_program_of_amazon_copies_a_folder_there_and_back(self):
        folder = self.scratch("folder")
        os.makedirs(os.path.join(folder, "sub"))
        # The second comes in parts.
        files = {"one.txt": b"1" * 10, "sub/two.bin": os.urandom(9 << 20)}
        for name, body in files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(body)
        env = {
            "PATH": os.environ["PATH"], "HOME": os.path.dirname(folder), "AWS_ACCESS_KEY_ID": self.admin[0],
            "AWS_SECRET_ACCESS_KEY": self.admin[1], "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": self.store,
        }

        def aws(*words):
            done = subprocess.run(
                [os.path.join(os.path.dirname(self.python), "aws"), "s3", *words], env=env, capture_output=True,
                text=True, timeout=120, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout

        bucket = self.unique("aws")
        aws("mb", f"s3://{bucket}")
        aws("sync", folder, f"s3://{bucket}/there")
        self.assertSays(aws("ls", "--recursive", f"s3://{bucket}"), "there/one.txt", "there/sub/two.bin")
        aws("cp", "--recursive", f"s3://{bucket}/there", folder + "-back")
        for name, body in files.items():
            with open(os.path.join(folder + "-back", name), "rb") as file:
                self.assertEqual(file.read(), body)
        aws("rb", "--force", f"s3://{bucket}")

    def test_the_store_serves_alone(self):
        platform = Platform(BINARY, os.path.dirname(self.scratch("alone")), verb=("objects", "serve")).start()
        apollo = platform.apollo
        self.assertCode(apollo("blob", "mkbucket", "alone"), 0)
        s3 = self.client(platform=platform)
        s3.put_object(Bucket="alone", Key="a/b", Body=b"one")
        self.assertEqual(apollo("blob", "cat", "s3://alone/a/b").out, "one")
        self.assertSays(platform.output, "Objects: ", "blob creds create")
        # Nothing else of the platform: no images, and nowhere that a task could run.
        self.assertEqual(apollo("image", "ls").code, 66)
        self.assertEqual(apollo("node", "ls", "-o", "json").json(), [])
        self.assertEqual(platform.terminate(), 0)
        platform.start()
        self.assertEqual(apollo("blob", "cat", "s3://alone/a/b").out, "one")

    def test_the_command_line_does_what_the_manual_says(self):
        bucket = self.unique("reports")
        folder = os.path.dirname(self.scratch("x"))
        with open(os.path.join(folder, "november.csv"), "wb") as file:
            file.write(os.urandom(1_500_000))
        body = open(os.path.join(folder, "november.csv"), "rb").read()
        run = self.apollo
        self.assertEqual(run("blob", "mkbucket", bucket).out, f"{bucket}\n")
        self.assertSays(run("blob", "ls").out, bucket)
        copied = run("blob", "cp", os.path.join(folder, "november.csv"), f"s3://{bucket}/2026/")
        self.assertEqual((copied.code, copied.out), (0, f"s3://{bucket}/2026/november.csv\n"), repr(copied))
        self.assertEqual(run("blob", "cat", f"s3://{bucket}/2026/november.csv").raw_out, body)
        self.assertSays(run("blob", "ls", f"s3://{bucket}").out, "2026/")
        self.assertNotIn("november", run("blob", "ls", f"s3://{bucket}").out)
        self.assertSays(run("blob", "ls", "-r", f"s3://{bucket}").out, "2026/november.csv", "1.4Mi")
        stat = run("blob", "stat", f"s3://{bucket}/2026/november.csv").out
        self.assertSays(stat, "size: 1500000", hashlib.md5(body).hexdigest())
        with open(os.path.join(folder, "large"), "wb") as file:
            file.write(os.urandom(70 << 20))
        self.assertCode(run("blob", "cp", os.path.join(folder, "large"), f"s3://{bucket}/large"), 0)
        self.assertSays(run("blob", "stat", f"s3://{bucket}/large").out, "size: 73400320", "-5\n")
        self.assertCode(run("blob", "cp", f"s3://{bucket}/large", os.path.join(folder, "large-back")), 0)
        with open(os.path.join(folder, "large"), "rb") as one, open(os.path.join(folder, "large-back"), "rb") as two:
            self.assertEqual(one.read() == two.read(), True)
        self.assertCode(run("blob", "rm", f"s3://{bucket}/large"), 0)
        self.assertCode(run("blob", "cp", f"s3://{bucket}/2026/november.csv", f"s3://{bucket}/copy"), 0)
        back = os.path.join(folder, "back")
        self.assertCode(run("blob", "cp", "-r", f"s3://{bucket}", back), 0)
        for name in ("copy", "2026/november.csv"):
            self.assertEqual(open(os.path.join(back, name), "rb").read(), body)
        self.assertCode(run("blob", "cp", "-r", back, f"s3://{bucket}/again"), 0)
        self.assertEqual(run("blob", "cat", f"s3://{bucket}/again/2026/november.csv").raw_out, body)
        missing = run("blob", "cat", f"s3://{bucket}/none")
        self.assertCode(missing, 66)
        self.assertSays(missing.err, f"s3://{bucket}/none")
        # A key that leads elsewhere is no path of a file here.
        self.s3.put_object(Bucket=bucket, Key="up/../../../escape", Body=b"x")
        self.assertCode(run("blob", "cp", "-r", f"s3://{bucket}/up", back), 65)
        self.assertCode(run("blob", "rmbucket", bucket), 67)
        self.assertCode(run("blob", "rm", f"s3://{bucket}"), 2)
        self.assertCode(run("blob", "rm", "-r", f"s3://{bucket}"), 0)
        self.assertEqual(run("blob", "ls", "-r", f"s3://{bucket}", "-o", "json").json(), [])
        self.assertCode(run("blob", "rmbucket", bucket), 0)
        self.assertCode(run("blob", "ls", f"s3://{bucket}"), 66)
