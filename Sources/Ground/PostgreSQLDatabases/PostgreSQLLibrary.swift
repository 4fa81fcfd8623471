import CPQ
public import Core

extension LibraryVersion {
    /// libpq.
    public static var postgresql: LibraryVersion {
        func text(_ number: Int32) -> String { "\(number / 10_000).\(number % 10_000)" }
        return LibraryVersion(name: "libpq", built: text(PG_VERSION_NUM), running: text(PQlibVersion()))
    }
}
