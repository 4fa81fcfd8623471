import Databases

/// The tables of a store.
enum ObjectSchema {
    static let migrations = Migrations(
        component: "objects",
        [
            Migration(
                1, "buckets and objects",
                [
                    """
                    CREATE TABLE object_buckets (
                        name TEXT NOT NULL PRIMARY KEY, organisation TEXT NOT NULL, project TEXT NOT NULL,
                        created_at BIGINT NOT NULL, created_by TEXT NOT NULL)
                    """,
                    """
                    CREATE TABLE objects (
                        bucket TEXT NOT NULL REFERENCES object_buckets (name), key TEXT NOT NULL,
                        content TEXT NOT NULL, size BIGINT NOT NULL, tag TEXT NOT NULL, modified BIGINT NOT NULL,
                        headers TEXT NOT NULL, checksum_algorithm TEXT, checksum TEXT,
                        PRIMARY KEY (bucket, key))
                    """,
                    "CREATE INDEX objects_by_content ON objects (content)",
                    // The bytes: in a file that is named after `file`, or, where they are few, in `data`.
                    """
                    CREATE TABLE object_contents (
                        content TEXT NOT NULL, position BIGINT NOT NULL, file TEXT, size BIGINT NOT NULL,
                        data BYTEA, checksum BIGINT NOT NULL, PRIMARY KEY (content, position))
                    """,
                    "CREATE INDEX object_contents_by_file ON object_contents (file)",
                ]),
            Migration(
                2, "uploads in parts",
                [
                    """
                    CREATE TABLE object_uploads (
                        id TEXT NOT NULL PRIMARY KEY, bucket TEXT NOT NULL REFERENCES object_buckets (name),
                        key TEXT NOT NULL, headers TEXT NOT NULL, checksum_algorithm TEXT,
                        created_at BIGINT NOT NULL, created_by TEXT NOT NULL)
                    """,
                    "CREATE INDEX object_uploads_by_key ON object_uploads (bucket, key, id)",
                    """
                    CREATE TABLE object_parts (
                        upload TEXT NOT NULL REFERENCES object_uploads (id), number BIGINT NOT NULL,
                        content TEXT NOT NULL, size BIGINT NOT NULL, tag TEXT NOT NULL, checksum TEXT,
                        modified BIGINT NOT NULL, PRIMARY KEY (upload, number))
                    """,
                ]),
            Migration(
                3, "versions and settings",
                [
                    "ALTER TABLE object_buckets ADD COLUMN settings TEXT NOT NULL DEFAULT ''",
                    "ALTER TABLE objects ADD COLUMN version TEXT NOT NULL DEFAULT 'null'",
                    "ALTER TABLE objects ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0",
                    "ALTER TABLE objects ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
                    "ALTER TABLE objects ADD COLUMN attributes TEXT NOT NULL DEFAULT ''",
                    // What was replaced, and what says that an object was removed: in `objects` is what is read where no version is named.
                    """
                    CREATE TABLE object_versions (
                        bucket TEXT NOT NULL REFERENCES object_buckets (name), key TEXT NOT NULL,
                        content TEXT NOT NULL, size BIGINT NOT NULL, tag TEXT NOT NULL, modified BIGINT NOT NULL,
                        headers TEXT NOT NULL, checksum_algorithm TEXT, checksum TEXT, version TEXT NOT NULL,
                        sequence BIGINT NOT NULL, owner TEXT NOT NULL, attributes TEXT NOT NULL,
                        marker BIGINT NOT NULL, PRIMARY KEY (bucket, key, sequence))
                    """,
                    "CREATE UNIQUE INDEX object_versions_by_version ON object_versions (bucket, key, version)",
                    "CREATE INDEX object_versions_by_content ON object_versions (content)",
                    "ALTER TABLE object_uploads ADD COLUMN checksum_kind TEXT NOT NULL DEFAULT 'COMPOSITE'",
                    "ALTER TABLE object_uploads ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
                    "ALTER TABLE object_uploads ADD COLUMN attributes TEXT NOT NULL DEFAULT ''",
                    // Of a part that an object came in.
                    "ALTER TABLE object_contents ADD COLUMN part_checksum TEXT",
                ]),
            // Of bytes that are hidden: what their key is made of besides.
            Migration(4, "hidden bytes", ["ALTER TABLE object_contents ADD COLUMN salt TEXT"]),
            Migration(
                5, "how much there is, and may be",
                [
                    """
                    CREATE TABLE object_usage (
                        bucket TEXT NOT NULL, owner TEXT NOT NULL, bytes BIGINT NOT NULL, objects BIGINT NOT NULL,
                        PRIMARY KEY (bucket, owner))
                    """,
                    "CREATE INDEX object_usage_by_owner ON object_usage (owner)",
                    """
                    INSERT INTO object_usage (bucket, owner, bytes, objects)
                    SELECT bucket, owner, CAST(SUM(size) AS BIGINT), CAST(SUM(objects) AS BIGINT) FROM (
                        SELECT bucket, owner, size, 1 AS objects FROM objects
                        UNION ALL SELECT bucket, owner, size, 1 FROM object_versions WHERE marker = 0
                        UNION ALL SELECT u.bucket, u.owner, p.size, 0
                            FROM object_parts p JOIN object_uploads u ON u.id = p.upload) AS kept
                    GROUP BY bucket, owner
                    """,
                    // Of a bucket or an owner; what is NULL is without a limit.
                    """
                    CREATE TABLE object_quotas (
                        kind TEXT NOT NULL, name TEXT NOT NULL, bytes BIGINT, objects BIGINT, PRIMARY KEY (kind, name))
                    """,
                ]),
        ])
}
