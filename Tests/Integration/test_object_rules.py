"""What keeps objects, what lets them go, and forms that browsers send."""

import base64
import datetime
import hashlib
import hmac
import json
import os

from harness import eventually
from test_objects import ObjectCase


class ObjectRules(ObjectCase):
    own_platform = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A day of rules is a second.
        cls.shared = cls.make_platform(env={"APOLLO_OBJECTS_LIFECYCLE_DAY": "1s"}).start()

    def setUp(self):
        super().setUp()
        self.platform = type(self).shared
        self.key = self.creds()
        self.s3 = self.client(self.key)

    def bucket(self, **options):
        name = self.unique("bucket")
        self.s3.create_bucket(Bucket=name, **options)
        return name

    def test_what_is_locked_stays_until_its_time_or_until_it_is_let_go(self):
        bucket = self.bucket(ObjectLockEnabledForBucket=True)
        self.assertEqual(self.s3.get_bucket_versioning(Bucket=bucket)["Status"], "Enabled")
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        where = {"Bucket": bucket, "Key": "k"}
        version = self.s3.put_object(
            **where, Body=b"kept", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)["VersionId"]
        head = self.s3.head_object(**where)
        self.assertEqual((head["ObjectLockMode"], head["ObjectLockLegalHoldStatus"]), ("GOVERNANCE", "OFF"))
        with self.refused("AccessDenied", 403):
            self.s3.delete_object(**where, VersionId=version)
        self.s3.delete_object(**where)
        self.assertEqual(self.s3.get_object(**where, VersionId=version)["Body"].read(), b"kept")
        self.s3.put_object_legal_hold(**where, VersionId=version, LegalHold={"Status": "ON"})
        with self.refused("AccessDenied", 403):
            self.s3.delete_object(**where, VersionId=version, BypassGovernanceRetention=True)
        self.s3.put_object_legal_hold(**where, VersionId=version, LegalHold={"Status": "OFF"})
        # Who may write may not therefore bypass.
        name = self.unique("user")
        self.assertCode(self.apollo("user", "create", name, "--service"), 0)
        self.assertCode(self.apollo("grant", "add", name, "write", f"blob://local/default/default/{bucket}"), 0)
        token = self.apollo("token", "create", "a test", "--user", name).out.strip()
        writer = self.client(self.creds(env={"APOLLO_TOKEN": token}))
        with self.refused("AccessDenied", 403):
            writer.delete_object(**where, VersionId=version, BypassGovernanceRetention=True)
        self.s3.delete_object(**where, VersionId=version, BypassGovernanceRetention=True)
        with self.refused("NoSuchVersion", 404):
            self.s3.get_object(**where, VersionId=version)
        with self.refused("InvalidBucketState", 409):
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
        self.s3.put_object_lock_configuration(
            Bucket=bucket, ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}})
        version = self.s3.put_object(**where, Body=b"kept")["VersionId"]
        self.assertEqual(self.s3.get_object_retention(**where)["Retention"]["Mode"], "COMPLIANCE")
        with self.refused("AccessDenied", 403):
            self.s3.delete_object(**where, VersionId=version, BypassGovernanceRetention=True)
        with self.refused("InvalidRequest", 400):
            self.s3.put_object_legal_hold(Bucket=self.bucket(), Key="k", LegalHold={"Status": "ON"})

    def test_objects_versions_and_uploads_go_by_the_rules_of_their_bucket(self):
        bucket = self.bucket()
        self.s3.put_object(Bucket=bucket, Key="logs/a", Body=b"x")
        self.s3.put_object(Bucket=bucket, Key="kept", Body=b"x")
        self.s3.create_multipart_upload(Bucket=bucket, Key="logs/parts")
        rules = [
            {"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 1},
             "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
        ]
        self.s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
        self.assertEqual(self.s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"], rules)

        def keys():
            return [item["Key"] for item in self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]

        eventually(lambda: keys() == ["kept"], "what the rule is about goes, and nothing else")
        eventually(
            lambda: not self.s3.list_multipart_uploads(Bucket=bucket).get("Uploads"), "the upload goes, too")
        versioned = self.bucket()
        self.s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Enabled"})
        for body in (b"1", b"2"):
            self.s3.put_object(Bucket=versioned, Key="k", Body=body)
        rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
        self.s3.put_bucket_lifecycle_configuration(Bucket=versioned, LifecycleConfiguration={"Rules": [rule]})
        eventually(
            lambda: len(self.s3.list_object_versions(Bucket=versioned)["Versions"]) == 1, "the older version goes")
        self.assertEqual(self.s3.get_object(Bucket=versioned, Key="k")["Body"].read(), b"2")
        with self.refused("NotImplemented", 501):
            self.s3.put_bucket_lifecycle_configuration(Bucket=versioned, LifecycleConfiguration={"Rules": [
                {"ID": "t", "Status": "Enabled", "Filter": {"Prefix": ""},
                 "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]}]})

    def form(self, bucket, fields, content=b"content"):
        """Sends a form as a browser does: its status and its body."""
        boundary = "----a-boundary"
        body = b""
        for name, value in fields.items():
            body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n'.encode()
        body += b"Content-Type: text/plain\r\n\r\n" + content + f"\r\n--{boundary}--\r\n".encode()
        return self.raw("POST", f"/{bucket}", body, {
            "content-type": f"multipart/form-data; boundary={boundary}", "content-length": str(len(body))})

    def signed(self, bucket, conditions, seconds=600, version=4):
        """The fields of a form that this key has signed."""
        now = datetime.datetime.now(datetime.timezone.utc)
        day, (key, secret) = now.strftime("%Y%m%d"), self.key
        fields = {"key": "up/${filename}"}
        if version == 4:
            fields |= {
                "x-amz-algorithm": "AWS4-HMAC-SHA256", "x-amz-date": now.strftime("%Y%m%dT%H%M%SZ"),
                "x-amz-credential": f"{key}/{day}/us-east-1/s3/aws4_request",
            }
        expires = (now + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
        text = json.dumps({"expiration": expires, "conditions": [{"bucket": bucket}, *conditions]})
        policy = base64.b64encode(text.encode()).decode()
        fields["policy"] = policy
        if version == 2:
            code = hmac.new(secret.encode(), policy.encode(), hashlib.sha1).digest()
            return fields | {"AWSAccessKeyId": key, "signature": base64.b64encode(code).decode()}
        signing = ("AWS4" + secret).encode()
        for part in (day, "us-east-1", "s3", "aws4_request"):
            signing = hmac.new(signing, part.encode(), "sha256").digest()
        return fields | {"x-amz-signature": hmac.new(signing, policy.encode(), "sha256").hexdigest()}

    def test_a_form_makes_an_object_where_it_is_signed_and_as_its_policy_says(self):
        bucket = self.bucket()
        good = [["starts-with", "$key", "up/"], ["content-length-range", 1, 10]]
        for version in (4, 2):
            self.assertEqual(self.form(bucket, self.signed(bucket, good, version=version))[0], 204)
            found = self.s3.get_object(Bucket=bucket, Key="up/f.txt")
            self.assertEqual((found["Body"].read(), found["ContentType"]), (b"content", "text/plain"))
            self.s3.delete_object(Bucket=bucket, Key="up/f.txt")
        status, body = self.form(
            bucket, self.signed(bucket, [*good, {"success_action_status": "201"}]) | {"success_action_status": "201"})
        self.assertEqual((status, "<Key>up/f.txt</Key>" in body), (201, True))
        self.s3.delete_object(Bucket=bucket, Key="up/f.txt")
        changed = self.signed(bucket, good)
        changed["policy"] = changed["policy"][:-8] + "AAAAAAA="
        for status, fields, content in (
            (403, {"key": "up/x"}, b"content"),
            (403, self.signed(bucket, good, seconds=-1), b"content"),
            (403, self.signed(bucket, [["starts-with", "$key", "other/"]]), b"content"),
            (403, self.signed(bucket, good) | {"x-amz-meta-extra": "x"}, b"content"),
            (403, self.signed(bucket, good) | {"x-amz-signature": "0" * 64}, b"content"),
            (400, changed, b"content"),
            (400, self.signed(bucket, good), b"more than ten"),
            (400, self.signed(bucket, good), b""),
        ):
            with self.subTest(status=status, fields=fields):
                self.assertEqual(self.form(bucket, fields, content)[0], status)
        self.assertNotIn("Contents", self.s3.list_objects_v2(Bucket=bucket))

    def test_a_form_that_is_refused_leaves_no_file_behind(self):
        bucket = self.bucket()
        kept = os.path.join(self.platform.data, "objects")

        def files():
            return {name for _, _, names in os.walk(kept) for name in names}

        before, large = files(), b"x" * 100_000
        for extra in (
            {"key": "k" * 1025},
            {"x-amz-object-lock-mode": "COMPLIANCE", "x-amz-object-lock-retain-until-date": "2999-01-01T00:00:00Z"},
            {"content-md5": "AAAAAAAAAAAAAAAAAAAAAA=="},
        ):
            with self.subTest(extra=extra):
                rules = [["starts-with", f"${name}", ""] for name in ("key", *extra)]
                status, body = self.form(bucket, self.signed(bucket, rules) | extra, large)
                self.assertEqual(status, 400, body)
        # The file goes with whoever wrote to it, who lets go of it soon.
        eventually(lambda: files() == before, "what was refused is gone")
        self.assertEqual(self.form(bucket, self.signed(bucket, [["starts-with", "$key", ""]]), large)[0], 204)
        self.assertEqual(len(files() - before), 1)
