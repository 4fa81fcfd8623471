import CCrypto
public import Core

extension LibraryVersion {
    /// OpenSSL.
    public static var openssl: LibraryVersion {
        LibraryVersion(
            name: "openssl", built: OPENSSL_VERSION_STR,
            running: String(cString: OpenSSL_version(OPENSSL_VERSION_STRING)))
    }
}
