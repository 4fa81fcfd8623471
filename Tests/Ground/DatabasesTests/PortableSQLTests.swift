import Databases
import Testing

@Suite struct PortableSQLTests {
    @Test(arguments: [
        "SELECT a, b FROM t WHERE c = ? AND d LIKE 'x''; DROP' ORDER BY a NULLS FIRST LIMIT ?",
        "INSERT INTO t (a) VALUES (?) ON CONFLICT (a) DO UPDATE SET b = excluded.b RETURNING a",
        "WITH x AS (SELECT 1) SELECT * FROM x;", "  -- a note with ' in it\n DELETE FROM t WHERE a <> 1.5e3",
        "CREATE TABLE t (a BIGINT, b DOUBLE PRECISION, c TEXT, d BYTEA)", "SELECT x.a FROM t AS x",
        "UPDATE t SET a = CAST(? AS BIGINT), \"order\" = 2",
    ])
    func `what both engines understand passes`(_ sql: String) {
        #expect(PortableSQL.fault(in: sql) == nil)
    }

    @Test(arguments: [
        "", "   ", ";", "?", "PRAGMA x", "BEGIN", "VACUUM", "ATTACH 'x' AS y", "REPLACE INTO t VALUES (1)",
        "INSERT OR IGNORE INTO t VALUES (1)", "insert or replace into t values (1)", "SELECT 1; SELECT 2",
        "SELECT ?1", "SELECT :name", "SELECT @name", "SELECT $1", "SELECT a FROM t WHERE a == 1",
        "SELECT `a`",
        "SELECT [a] FROM t", "SELECT x'00'", "SELECT X'00'", "SELECT 'open", "SELECT \"open",
        "SELECT rowid FROM t",
        "CREATE TABLE t (a INTEGER PRIMARY KEY)", "CREATE TABLE t (a BLOB)", "CREATE TABLE t (a VARCHAR(3))",
        "CREATE TABLE t (a TEXT COLLATE NOCASE)", "ALTER TABLE t ADD COLUMN a TIMESTAMP", "SELECT random()",
        "CREATE TABLE t (a BIGINT REFERENCES u (a) DEFERRABLE INITIALLY DEFERRED)",
        "INSERT INTO t VALUES (CURRENT_TIMESTAMP)", "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END",
        "/* a */ SELECT 1", "\0", "SELECT 1 ;\u{0}; x",
    ])
    func `what only one engine understands is refused`(_ sql: String) {
        #expect(PortableSQL.fault(in: sql) != nil)
    }
}
