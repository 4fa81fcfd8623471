import CCurl
public import Core

extension LibraryVersion {
    /// libcurl.
    public static var curl: LibraryVersion {
        let running = curl_version_info(CURLVERSION_FIRST).flatMap { $0.pointee.version }
        return LibraryVersion(
            name: "curl", built: LIBCURL_VERSION, running: running.map { String(cString: $0) } ?? "unknown")
    }
}
