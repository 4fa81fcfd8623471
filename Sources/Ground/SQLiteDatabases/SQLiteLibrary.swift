import CSQLite
public import Core

extension LibraryVersion {
    /// SQLite.
    public static var sqlite: LibraryVersion {
        LibraryVersion(name: "sqlite", built: SQLITE_VERSION, running: String(cString: sqlite3_libversion()))
    }
}
