"""Who may what in a bucket besides those whom the platform lets: access lists, policies, and what bounds them."""

import json

from test_objects import ObjectCase


class ObjectAccess(ObjectCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = cls.platform.apollo("blob", "creds", "create", "all tests", "-o", "json").json()
        cls.admin = (made["id"], made["secret"])
        cls.s3 = cls.client(cls(), cls.admin)

    def bucket(self, **options):
        name = self.unique("bucket")
        self.s3.create_bucket(Bucket=name, **options)
        return name

    def someone(self, *grants):
        """Who holds nothing but what is granted here: a name, and a client."""
        name = self.unique("user")
        self.assertCode(self.apollo("user", "create", name, "--service"), 0)
        for level, resource in grants:
            self.assertCode(self.apollo("grant", "add", name, level, resource), 0)
        token = self.apollo("token", "create", "a test", "--user", name).out.strip()
        return name, self.client(self.creds(env={"APOLLO_TOKEN": token}))

    @staticmethod
    def read(s3, bucket, key):
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def test_what_is_public_is_read_by_everybody_and_nothing_else_is(self):
        bucket = self.bucket()
        self.s3.put_object(Bucket=bucket, Key="open", Body=b"open", ACL="public-read")
        self.s3.put_object(Bucket=bucket, Key="closed", Body=b"closed")
        self.assertEqual(self.raw("GET", f"/{bucket}/open"), (200, "open"))
        self.assertEqual(self.raw("GET", f"/{bucket}/closed")[0], 403)
        # Who may not list does not learn what is there.
        self.assertEqual(self.raw("GET", f"/{bucket}/none")[0], 403)
        self.assertEqual(self.raw("GET", f"/{bucket}")[0], 403)
        self.assertEqual(self.raw("GET", "/")[0], 403)
        self.assertEqual(self.raw("PUT", f"/{bucket}/open", b"", {"content-length": "0"})[0], 403)
        self.assertEqual(self.raw("DELETE", f"/{bucket}/open")[0], 403)
        self.s3.put_object_acl(Bucket=bucket, Key="open", ACL="private")
        self.assertEqual(self.raw("GET", f"/{bucket}/open")[0], 403)
        self.s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
        status, body = self.raw("GET", f"/{bucket}")
        self.assertEqual((status, "<Key>closed</Key>" in body), (200, True))
        self.assertEqual(self.raw("GET", f"/{bucket}/none")[0], 404)
        self.s3.put_public_access_block(
            Bucket=bucket, PublicAccessBlockConfiguration={"IgnorePublicAcls": True, "BlockPublicAcls": True})
        self.assertEqual(self.raw("GET", f"/{bucket}")[0], 403)
        with self.refused("AccessDenied", 403):
            self.s3.put_object(Bucket=bucket, Key="x", Body=b"", ACL="public-read")

    def test_a_list_names_who_else_may_what(self):
        bucket = self.bucket()
        name, s3 = self.someone()
        self.s3.put_object(Bucket=bucket, Key="k", Body=b"shared")
        with self.refused("AccessDenied", 403):
            self.read(s3, bucket, "k")
        self.s3.put_object_acl(Bucket=bucket, Key="k", GrantRead=f"id={name}")
        self.assertEqual(self.read(s3, bucket, "k"), b"shared")
        with self.refused("AccessDenied", 403):
            s3.put_object(Bucket=bucket, Key="k", Body=b"changed")
        with self.refused("InvalidArgument", 400):
            self.s3.put_object_acl(Bucket=bucket, Key="k", GrantRead="id=nobody-of-this-name")
        self.s3.put_bucket_acl(Bucket=bucket, GrantWrite=f"id={name}")
        s3.put_object(Bucket=bucket, Key="theirs", Body=b"theirs")
        listed = self.s3.list_objects_v2(Bucket=bucket, FetchOwner=True)["Contents"]
        self.assertEqual([(item["Key"], item["Owner"]["ID"]) for item in listed], [("k", "admin"), ("theirs", name)])
        self.assertEqual(self.read(s3, bucket, "theirs"), b"theirs")
        # What they wrote is theirs, until the bucket's owner owns all that is in it.
        self.s3.put_bucket_acl(Bucket=bucket, ACL="private")
        self.assertEqual(self.read(s3, bucket, "theirs"), b"theirs")
        self.s3.put_bucket_ownership_controls(
            Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
        with self.refused("AccessDenied", 403):
            self.read(s3, bucket, "theirs")

    def test_a_policy_adds_to_what_is_granted_and_takes_from_it(self):
        bucket = self.bucket()
        for key in ("open/a", "secret/b"):
            self.s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
        name, s3 = self.someone()
        reader, granted = self.someone(("read", f"blob://local/default/default/{bucket}"))
        arn = f"arn:aws:s3:::{bucket}"
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam:::user/{name}"}, "Action": "s3:GetObject",
                 "Resource": f"{arn}/*"},
                {"Effect": "Allow", "Principal": {"AWS": name}, "Action": "s3:ListBucket", "Resource": arn,
                 "Condition": {"StringLike": {"s3:prefix": "open/*"}}},
                {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"{arn}/secret/*"},
            ],
        }
        self.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
        self.assertEqual(self.read(s3, bucket, "open/a"), b"open/a")
        self.assertEqual(self.read(granted, bucket, "open/a"), b"open/a")
        for client in (s3, granted, self.s3):
            with self.refused("AccessDenied", 403):
                self.read(client, bucket, "secret/b")
        listed = s3.list_objects_v2(Bucket=bucket, Prefix="open/")["Contents"]
        self.assertEqual([item["Key"] for item in listed], ["open/a"])
        with self.refused("AccessDenied", 403):
            s3.list_objects_v2(Bucket=bucket)
        self.assertFalse(self.s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"])
        # What the platform denies no policy allows.
        self.assertCode(self.apollo("grant", "add", name, "deny", f"blob://local/default/default/{bucket}/open"), 0)
        with self.refused("AccessDenied", 403):
            self.read(s3, bucket, "open/a")
        # Whoever only reads sets no policy; whoever manages can always mend one.
        with self.refused("AccessDenied", 403):
            granted.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
        policy["Statement"] = [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/*"]}]
        self.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
        with self.refused("AccessDenied", 403):
            self.s3.list_objects_v2(Bucket=bucket)
        self.s3.delete_bucket_policy(Bucket=bucket)
        self.assertEqual(self.read(self.s3, bucket, "secret/b"), b"secret/b")
        with self.refused("NoSuchBucketPolicy", 404):
            self.s3.get_bucket_policy(Bucket=bucket)

    def test_a_bucket_made_anew_goes_by_its_own_policy_and_not_by_that_of_the_one_before(self):
        bucket = self.bucket()

        def allow(name):
            statement = {"Effect": "Allow", "Principal": {"AWS": name}, "Action": "s3:GetObject",
                         "Resource": f"arn:aws:s3:::{bucket}/*"}
            self.s3.put_bucket_policy(
                Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
            self.s3.put_object(Bucket=bucket, Key="k", Body=b"k")

        (first, one), (second, other) = self.someone(), self.someone()
        allow(first)
        self.assertEqual(self.read(one, bucket, "k"), b"k")
        self.s3.delete_object(Bucket=bucket, Key="k")
        self.s3.delete_bucket(Bucket=bucket)
        self.s3.create_bucket(Bucket=bucket)
        allow(second)
        self.assertEqual(self.read(other, bucket, "k"), b"k")
        with self.refused("AccessDenied", 403):
            self.read(one, bucket, "k")

    def test_a_policy_that_cannot_be_held_to_is_refused_and_a_key_is_never_worth_more_than_it_was_made_for(self):
        bucket = self.bucket()
        arn = f"arn:aws:s3:::{bucket}/*"
        for statement in (
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::other/*"},
            {"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::1:root"}, "Action": "s3:*", "Resource": arn},
            {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": arn,
             "Condition": {"StringEquals": {"aws:NoSuchKey": "x"}}},
        ):
            with self.subTest(statement=statement), self.refused("MalformedPolicy", 400):
                self.s3.put_bucket_policy(
                    Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        everything = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": arn}
        self.s3.put_bucket_policy(
            Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [everything]}))
        self.assertEqual(self.raw("PUT", f"/{bucket}/k", b"x", {"content-length": "1"})[0], 200)
        limited = self.client(self.creds("--permission", "read"))
        self.assertEqual(self.read(limited, bucket, "k"), b"x")
        with self.refused("AccessDenied", 403):
            limited.put_object(Bucket=bucket, Key="k", Body=b"y")
        audit = self.apollo("audit", "-o", "json").json()
        self.assertIn(
            ("putObject", f"blob://local/default/default/{bucket}/k", "anonymous"),
            [(record["action"], record["resource"], record["principal"]) for record in audit])
