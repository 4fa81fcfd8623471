import Testing

@testable import PostgreSQLDatabases

struct DialectTests {
    @Test func `parameters are numbered, but not what only looks like one`() {
        let dialect = Dialect("UPDATE t SET a = ?, b = '?', \"c?\" = ? -- ?\nWHERE d = 'it''s ?' AND e = ?")
        #expect(
            dialect.text == "UPDATE t SET a = $1, b = '?', \"c?\" = $2 -- ?\nWHERE d = 'it''s ?' AND e = $3")
        #expect(dialect.parameterCount == 3)
        #expect(!dialect.isQuery)
    }

    @Test func `columns of text are compared by their bytes`() {
        let dialect = Dialect("CREATE TABLE text_things (a text NOT NULL, b BYTEA, note TEXT DEFAULT 'TEXT')")
        #expect(
            dialect.text
                == "CREATE TABLE text_things (a text COLLATE \"C\" NOT NULL, b BYTEA, note TEXT COLLATE \"C\" DEFAULT 'TEXT')"
        )
        #expect(
            Dialect("ALTER TABLE t ADD COLUMN c TEXT").text == "ALTER TABLE t ADD COLUMN c TEXT COLLATE \"C\""
        )
    }

    @Test func `casts and queries stay as they are`() {
        let index = "CREATE INDEX i ON t (CAST(n AS TEXT))"
        #expect(Dialect(index).text == index)
        let query = "SELECT CAST(n AS TEXT) AS text FROM t"
        #expect(Dialect(query).text == query)
        #expect(Dialect(query).isQuery)
    }
}
