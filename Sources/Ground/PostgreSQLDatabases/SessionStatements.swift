import CPQ
import Databases

extension Session {
    func translate(_ sql: String, isOwn: Bool) throws(DatabaseError) -> Dialect {
        if let dialect = translations[sql] { return dialect }
        if !isOwn, let fault = PortableSQL.fault(in: sql) {
            throw DatabaseError(.statement, "'\(sql.prefix(200))' would not run everywhere: \(fault)")
        }
        if translations.count >= 4 * Self.cacheLimit { translations = [:] }
        let dialect = Dialect(sql)
        translations[sql] = dialect
        return dialect
    }

    func check(_ parameters: [DatabaseValue], _ dialect: Dialect, _ sql: String) throws(DatabaseError) {
        guard parameters.count == dialect.parameterCount else {
            throw DatabaseError(
                .statement,
                "\(dialect.parameterCount) parameters needed, \(parameters.count) given for '\(sql.prefix(200))'"
            )
        }
        for (index, value) in parameters.enumerated() {
            let fault: String?
            switch value {
            case .real(let number) where number.isNaN: fault = "NaN"
            case .text(let text) where text.utf8.contains(0): fault = "text with a NUL in it"
            default: fault = nil
            }
            guard let fault else { continue }
            throw DatabaseError(
                .statement,
                "parameter \(index + 1) of '\(sql.prefix(200))' is \(fault), which cannot be stored")
        }
    }

    /// The statement for `sql` with parameters such as these: from the connection's cache, or prepared now.
    func prepared(
        _ sql: String, _ dialect: Dialect, for parameters: [DatabaseValue], on link: Link
    ) throws(DatabaseError) -> Prepared {
        link.statementUses += 1
        if let known = link.statements[sql]?.first(where: { $0.fits(parameters) }) {
            known.lastUse = link.statementUses
            return known
        }
        if link.statements.count >= Self.cacheLimit { try evict(on: link) }
        let name = "s\(link.statementUses)"
        let types = parameters.map(Wire.type(of:))
        var description: Rows?
        try trip(on: link) { (link) throws(DatabaseError) in
            try link.sent(PQsendPrepare(link.pointer, name, dialect.text, Int32(types.count), types))
            try link.sent(PQsendDescribePrepared(link.pointer, name))
        } receive: { (link) throws(DatabaseError) in
            for _ in 0..<2 {
                switch try link.command() {
                case .rows(let rows): description = rows
                case .failed(let error): fail(with: error, sql)
                case .skipped: break
                }
            }
        }
        if let failure { throw failure }
        guard let description else {
            throw DatabaseError(.other, "the database \(self.name) did not describe '\(sql.prefix(200))'")
        }
        let statement = Prepared(name: name, description: description)
        guard statement.columns.names.count > 0 || !dialect.isQuery else {
            throw DatabaseError(.statement, "'\(sql.prefix(200))' selects nothing")
        }
        guard statement.fits(parameters) else {
            throw DatabaseError(
                .statement,
                "the server takes the parameters of '\(sql.prefix(200))' for other types than they have")
        }
        statement.lastUse = link.statementUses
        link.statements[sql, default: []].append(statement)
        return statement
    }

    /// Drops the older half of what is prepared.
    private func evict(on link: Link) throws(DatabaseError) {
        let ages = link.statements.values.map { $0.map(\.lastUse).max() ?? 0 }.sorted()
        let median = ages[ages.count / 2]
        var dropped: [Prepared] = []
        link.statements = link.statements.filter { _, variants in
            let isOld = variants.allSatisfy { $0.lastUse <= median }
            if isOld { dropped += variants }
            return !isOld
        }
        let names = dropped.map(\.name)
        try trip(on: link) { (link) throws(DatabaseError) in
            for name in names {
                try link.sent(
                    PQsendQueryParams(link.pointer, "DEALLOCATE \(name)", 0, nil, nil, nil, nil, 0))
            }
        } receive: { (link) throws(DatabaseError) in
            for _ in names { _ = try link.command() }
        }
    }
}
