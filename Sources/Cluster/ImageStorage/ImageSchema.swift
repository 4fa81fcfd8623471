import Databases

/// The tables of a registry. The bytes are contents of the object store.
enum ImageSchema {
    static let migrations = Migrations(
        component: "images",
        [
            Migration(
                1, "repositories, blobs, manifests, tags and uploads",
                [
                    """
                    CREATE TABLE image_repositories (
                        name TEXT NOT NULL PRIMARY KEY, organisation TEXT NOT NULL, project TEXT NOT NULL,
                        created_at BIGINT NOT NULL, created_by TEXT NOT NULL)
                    """,
                    // All bytes, those of manifests too, once for all repositories.
                    """
                    CREATE TABLE image_blobs (
                        digest TEXT NOT NULL PRIMARY KEY, content TEXT NOT NULL, size BIGINT NOT NULL,
                        created_at BIGINT NOT NULL)
                    """,
                    // What of them can be pulled from a repository as a blob. `used_at` is when somebody last relied on its being there.
                    """
                    CREATE TABLE image_links (
                        repository TEXT NOT NULL REFERENCES image_repositories (name),
                        digest TEXT NOT NULL REFERENCES image_blobs (digest), used_at BIGINT NOT NULL,
                        PRIMARY KEY (repository, digest))
                    """,
                    "CREATE INDEX image_links_by_digest ON image_links (digest)",
                    """
                    CREATE TABLE image_manifests (
                        repository TEXT NOT NULL REFERENCES image_repositories (name),
                        digest TEXT NOT NULL REFERENCES image_blobs (digest), media_type TEXT NOT NULL,
                        artifact_type TEXT, subject TEXT, annotations TEXT NOT NULL, size BIGINT NOT NULL,
                        created_at BIGINT NOT NULL, created_by TEXT NOT NULL,
                        PRIMARY KEY (repository, digest))
                    """,
                    "CREATE INDEX image_manifests_by_digest ON image_manifests (digest)",
                    "CREATE INDEX image_manifests_by_subject ON image_manifests (repository, subject)",
                    // What a manifest cannot do without: a blob that has a row here is not collected, and by the schema cannot be.
                    """
                    CREATE TABLE image_uses (
                        repository TEXT NOT NULL, manifest TEXT NOT NULL, digest TEXT NOT NULL,
                        PRIMARY KEY (repository, manifest, digest),
                        FOREIGN KEY (repository, manifest) REFERENCES image_manifests (repository, digest),
                        FOREIGN KEY (repository, digest) REFERENCES image_links (repository, digest))
                    """,
                    "CREATE INDEX image_uses_by_digest ON image_uses (repository, digest)",
                    // The manifests that an index names.
                    """
                    CREATE TABLE image_children (
                        repository TEXT NOT NULL, manifest TEXT NOT NULL, child TEXT NOT NULL,
                        PRIMARY KEY (repository, manifest, child),
                        FOREIGN KEY (repository, manifest) REFERENCES image_manifests (repository, digest))
                    """,
                    "CREATE INDEX image_children_by_child ON image_children (repository, child)",
                    """
                    CREATE TABLE image_tags (
                        repository TEXT NOT NULL, tag TEXT NOT NULL, digest TEXT NOT NULL,
                        updated_at BIGINT NOT NULL, updated_by TEXT NOT NULL, PRIMARY KEY (repository, tag),
                        FOREIGN KEY (repository, digest) REFERENCES image_manifests (repository, digest))
                    """,
                    "CREATE INDEX image_tags_by_digest ON image_tags (repository, digest)",
                    """
                    CREATE TABLE image_uploads (
                        id TEXT NOT NULL PRIMARY KEY, repository TEXT NOT NULL, project TEXT NOT NULL,
                        size BIGINT NOT NULL, parts BIGINT NOT NULL, created_at BIGINT NOT NULL,
                        created_by TEXT NOT NULL)
                    """,
                    """
                    CREATE TABLE image_parts (
                        upload TEXT NOT NULL REFERENCES image_uploads (id), number BIGINT NOT NULL,
                        content TEXT NOT NULL, size BIGINT NOT NULL, PRIMARY KEY (upload, number))
                    """,
                ])
        ])
}
