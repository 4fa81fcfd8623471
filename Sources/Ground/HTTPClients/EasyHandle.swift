import CCurl

/// One libcurl transfer, `CURL *`: freed with its owner. Used on the client's thread alone.
struct EasyHandle: ~Copyable {
    let pointer: UnsafeMutableRawPointer
    private var headerList: UnsafeMutablePointer<curl_slist>?
    // Where libcurl writes what went wrong, in more words than its code has.
    private let errorText: UnsafeMutablePointer<CChar>

    init() throws(HTTPClientError) {
        guard let pointer = curl_easy_init() else { throw .failed("libcurl has no memory for a transfer") }
        let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let code = apollo_curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorText)
        guard code == CURLE_OK else {
            curl_easy_cleanup(pointer)
            errorText.deallocate()
            throw .failed("libcurl refused a buffer for its messages")
        }
        self.pointer = pointer
        self.errorText = errorText
        headerList = nil
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    /// What went wrong in libcurl's own words; empty where it left none.
    var errorMessage: String { String(cString: errorText) }

    /// The system's error number of the last connection that failed, or 0.
    var systemError: Int32 { Int32(clamping: apollo_curl_get_long(pointer, CURLINFO_OS_ERRNO)) }

    func set(_ option: CURLoption, _ value: Int) throws(HTTPClientError) {
        try check(apollo_curl_set_long(pointer, option, value), option)
    }

    func set(_ option: CURLoption, offset value: Int64) throws(HTTPClientError) {
        try check(apollo_curl_set_offset(pointer, option, curl_off_t(value)), option)
    }

    /// libcurl copies the text; nil takes the option's default away.
    func set(_ option: CURLoption, _ value: String?) throws(HTTPClientError) {
        try check(apollo_curl_set_string(pointer, option, value), option)
    }

    func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer) throws(HTTPClientError) {
        try check(apollo_curl_set_pointer(pointer, option, value), option)
    }

    /// Sets the callback that moves bytes: of the body either way, or of the header.
    func set(
        _ option: CURLoption, transfer callback: @escaping apollo_curl_transfer_callback
    ) throws(HTTPClientError) {
        try check(apollo_curl_set_transfer_callback(pointer, option, callback), option)
    }

    func setSeek(callback: @escaping apollo_curl_seek_callback) throws(HTTPClientError) {
        try check(apollo_curl_set_seek_callback(pointer, callback), CURLOPT_SEEKFUNCTION)
    }

    func setBeforeRequest(callback: @escaping apollo_curl_request_callback) throws(HTTPClientError) {
        try check(apollo_curl_set_request_callback(pointer, callback), CURLOPT_PREREQFUNCTION)
    }

    mutating func append(header line: String) throws(HTTPClientError) {
        guard let list = curl_slist_append(headerList, line) else {
            throw .failed("libcurl has no memory for the fields")
        }
        headerList = list
    }

    /// Hands the lines appended so far to libcurl.
    func setHeaders() throws(HTTPClientError) {
        guard let headerList else { return }
        try check(
            apollo_curl_set_pointer(pointer, CURLOPT_HTTPHEADER, headerList), CURLOPT_HTTPHEADER)
    }

    private func check(_ code: CURLcode, _ option: CURLoption) throws(HTTPClientError) {
        guard code != CURLE_OK else { return }
        throw .failed(
            "libcurl refused option \(option.rawValue): \(String(cString: curl_easy_strerror(code)))")
    }
}
